--[[
  Logs and publishes frames of many jobs in one atomic step. Each frame is judged alone: a fenced job does not hurt
  the others. Frame JSON is stored and published as it came.

  KEYS[2i-1] meta hash of the log of frame i
  KEYS[2i]   frame stream of the log of frame i
  ARGV[1]    prefix of the replicas' delivery channels
  ARGV[2]    how long an ended log lives, in ms
  ARGV[3]    how long an unfinished log may live without being touched, in ms
  ARGV[4i]   epoch of frame i
  ARGV[4i+1] seq of frame i
  ARGV[4i+2] '1' when frame i is terminal
  ARGV[4i+3] JSON of frame i

  Output: one code a frame
     1 logged
     2 was logged before: this call is a repetition after a lost answer
    -1 a later epoch holds the log
    -2 seq is not the next one, or the claim of this epoch is unknown: Redis has lost the end of the log
    -3 the log has ended
    -4 there is no such log (expired, or never claimed)
]]
local call = redis.call
local renewalInterval = 128
local codes = {}
local outbox = {}

local function isLogged(stream, seq, frame)
  local id = seq .. '-0'
  local found = call('XRANGE', stream, id, id)
  return found[1] and found[1][2][2] == frame
end

local function addToOutbox(readers, frame)
  for replica in string.gmatch(readers, '%S+') do
    local frames = outbox[replica]
    if frames then frames[#frames + 1] = frame else outbox[replica] = { frame } end
  end
end

for i = 1, #KEYS / 2 do
  local meta, stream = KEYS[2 * i - 1], KEYS[2 * i]
  local epoch, seq, terminal, frame = ARGV[4 * i], ARGV[4 * i + 1], ARGV[4 * i + 2] == '1', ARGV[4 * i + 3]
  local state = call('HMGET', meta, 'epoch', 'seq', 'ended', 'readers')
  local lastSeq = tonumber(state[2]) or 0

  if not state[1] then
    codes[i] = -4
  elseif tonumber(seq) <= lastSeq and isLogged(stream, seq, frame) then
    codes[i] = 2
  elseif state[3] then
    codes[i] = -3
  elseif tonumber(state[1]) > tonumber(epoch) then
    codes[i] = -1
  elseif state[1] ~= epoch then
    -- Redis has lost this attempt's claim: the log went back, it was not taken over.
    codes[i] = -2
  elseif tonumber(seq) ~= lastSeq + 1 then
    codes[i] = -2
  else
    call('XADD', stream, seq .. '-0', 'f', frame)
    if terminal then
      call('HSET', meta, 'seq', seq, 'ended', '1')
      call('PEXPIRE', meta, ARGV[2])
      call('PEXPIRE', stream, ARGV[2])
    else
      call('HSET', meta, 'seq', seq)
      -- The first frame makes the stream; later ones renew both lives, seldom, since it costs as much as the XADD.
      if tonumber(seq) % renewalInterval == 1 then
        call('PEXPIRE', meta, ARGV[3])
        call('PEXPIRE', stream, ARGV[3])
      end
    end
    if state[4] then addToOutbox(state[4], frame) end
    codes[i] = 1
  end
end

for replica, frames in pairs(outbox) do
  call('PUBLISH', ARGV[1] .. replica, '[' .. table.concat(frames, ',') .. ']')
end
return codes
