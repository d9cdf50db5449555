--[[
  Begins a new attempt at a job: whoever wrote before is fenced off. A log that has ended is left as it is.

  KEYS[1] meta hash of the log
  KEYS[2] frame stream of the log
  ARGV[1] how long an unfinished log may live without being touched, in ms

  Output: {epoch, seq of the last frame or 0, JSON of the terminal frame or false}
]]
local state = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'ended')
local seq = tonumber(state[2]) or 0
if state[3] then
  local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
  return { tonumber(state[1]), seq, last[1][2][2] }
end

local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[1])
return { epoch, seq, false }
