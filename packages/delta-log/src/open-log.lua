--[[
  Registers an API replica as a reader of one job's log: from now on every frame of the job is published to it.

  KEYS[1] meta hash of the log
  KEYS[2] frame stream of the log
  ARGV[1] replica id, without spaces
  ARGV[2] how long an unfinished log may live without being touched, in ms
  ARGV[3] '1' to create the log when there is none

  Output: 1 registered, 0 there is no such log
]]
local known = redis.call('EXISTS', KEYS[1], KEYS[2]) > 0
if not known and ARGV[3] ~= '1' then return 0 end

local readers = redis.call('HGET', KEYS[1], 'readers') or ''
if not string.find(' ' .. readers .. ' ', ' ' .. ARGV[1] .. ' ', 1, true) then
  redis.call('HSET', KEYS[1], 'readers', readers == '' and ARGV[1] or readers .. ' ' .. ARGV[1])
end
if not known then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
