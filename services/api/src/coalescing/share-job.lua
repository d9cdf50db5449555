--[[
  Requests of one tenant that are bound to get the same answer share one job while it is under way.

  KEYS[1] hash: `job` is the id of the shared job; every other field is a member, a request that waits for it
  ARGV[1] the step: join, abandon or finish
  ARGV[2] join: the member, whose job it becomes when there is none; abandon and finish: the shared job
  ARGV[3] join: how long the hash may live, in ms; abandon: the member

  Output: join: id of the shared job; abandon: 1 when nobody else waits for the job; finish: 1
]]
local step = ARGV[1]
if step == 'join' then
  redis.call('HSETNX', KEYS[1], 'job', ARGV[2])
  redis.call('HSET', KEYS[1], 'member:' .. ARGV[2], '1')
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return redis.call('HGET', KEYS[1], 'job')
end
-- The hash has gone, or is another job's by now: nobody can join this one any more.
if redis.call('HGET', KEYS[1], 'job') ~= ARGV[2] then return 1 end
if step == 'abandon' then
  redis.call('HDEL', KEYS[1], 'member:' .. ARGV[3])
  if redis.call('HLEN', KEYS[1]) > 1 then return 0 end
end
redis.call('DEL', KEYS[1])
return 1
