/** The hub that `hf:` means, without a slash at its end; `HF_ENDPOINT` names a mirror, as for Hugging Face's own tools. */
export function hubUrl(): string {
  return (process.env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '')
}
