--[[
  Forgets an idempotency key, unless it stands for another generation by now.

  KEYS[1] the idempotency key
  ARGV[1] the claim that it must hold

  Output: 1 forgotten, 0 left as it is
]]
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
