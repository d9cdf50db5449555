--[[
  Takes or renews one lease.

  KEYS[1]  sorted set of the tenant's leases: holder, scored by when its lease ends (milliseconds of Redis' clock)
  ARGV[1]  holder
  ARGV[2]  how many leases there may be at once
  ARGV[3]  how long the lease lasts, in milliseconds

  Returns {1 or 0: the holder has a lease, how many leases there are}.
]]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local held = redis.call('ZCARD', KEYS[1])
local renewal = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not renewal and held >= tonumber(ARGV[2]) then
  return { 0, held }
end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return { 1, renewal and held or held + 1 }
