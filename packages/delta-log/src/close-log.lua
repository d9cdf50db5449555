--[[
  Ends the log of a job from outside: fences off whoever may hold it and writes the terminal frame.

  KEYS[1] meta hash of the log
  KEYS[2] frame stream of the log
  ARGV[1] prefix of the replicas' delivery channels
  ARGV[2] how long an ended log lives, in ms
  ARGV[3] job id as JSON
  ARGV[4] terminal event as JSON

  Output: 1 ended by this call, 0 had ended before
]]
local state = redis.call('HMGET', KEYS[1], 'ended', 'readers')
if state[1] then return 0 end

local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
local frame = string.format('{"jobId":%s,"seq":%d,"epoch":%d,"events":[%s]}', ARGV[3], seq, epoch, ARGV[4])
redis.call('XADD', KEYS[2], seq .. '-0', 'f', frame)
redis.call('HSET', KEYS[1], 'ended', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
for replica in string.gmatch(state[2] or '', '%S+') do
  redis.call('PUBLISH', ARGV[1] .. replica, '[' .. frame .. ']')
end
return 1
