--[[
  The backlog of one queue: which jobs were let in and where they are, and whose turn it is. One script for all steps,
  so that they agree on what an entry is.

  Turns come by start-time fair queueing (Goyal, Vin, Cheng: SIGCOMM 1996) over the tenants of each class: a job starts,
  in virtual time, at the later of the clock and the end of the tenant's job before it, and ends its cost in tokens
  after that. The clock is the latest start of a job that has begun. A class is put so many tokens behind the first.

  KEYS[1] hash of all jobs: id -> "state cost start place class tenant"; states: a admitted, w waiting, r running
  KEYS[2] sorted set of the waiting jobs by place, which is start + what the class is put behind
  KEYS[3] sorted set of all jobs by when they can be forgotten at the latest, in ms since the epoch
  KEYS[4] hash of what does not run yet: jobs, tokens, tenants, jobs:<tenant>, tokens:<tenant>; of what does: running
          (tokens); and of the clocks: clock, base, end:<class>:<tenant>
  ARGV[1] the step, and its arguments from ARGV[2] on:

  admit now mostJobs mostTokens share class behind tenant admittedMs (id cost)...   all of the jobs or none
      -> {1 let in, -1 the queue is full, -2 the tenant's share is full; jobs, tokens, tenants waiting before;
          the tenant's jobs, tokens; how many wait in front; tokens running; clock; base; place of each job...}
  submit id until                the job is in the queue, and to be forgotten at `until`
  start id                       a worker has taken it               -> {class, place} or {}
  giveBack id                    it waits again, at its place
  leave id used                  it is over; `used` tokens, or '' when nobody knows
]]
local jobs, line, expiry, sums = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local call = redis.call

local function sum(name) return tonumber(call('HGET', sums, name) or '0') end
local function whole(number) return string.format('%.0f', number) end

-- Returns what the sum is now; a sum of nothing is not kept.
local function add(name, amount)
  local now = call('HINCRBY', sums, name, amount)
  if now <= 0 then call('HDEL', sums, name) end
  return now
end

local function read(id)
  local text = call('HGET', jobs, id)
  if not text then return nil end
  local state, cost, start, place, class, tenant = string.match(text, '^(%a) (%d+) (%d+) (%d+) (%a+) (.*)$')
  return { state = state, cost = cost, start = start, place = place, class = class, tenant = tenant }
end

local function write(id, job)
  call('HSET', jobs, id, table.concat({ job.state, job.cost, job.start, job.place, job.class, job.tenant }, ' '))
end

local function countIn(job)
  add('jobs', 1)
  add('tokens', job.cost)
  add('tokens:' .. job.tenant, job.cost)
  if add('jobs:' .. job.tenant, 1) == 1 then add('tenants', 1) end
end

local function countOut(job)
  add('jobs', -1)
  add('tokens', -job.cost)
  add('tokens:' .. job.tenant, -job.cost)
  if add('jobs:' .. job.tenant, -1) == 0 then add('tenants', -1) end
end

local function forget(id)
  local job = read(id)
  call('HDEL', jobs, id)
  call('ZREM', line, id)
  call('ZREM', expiry, id)
  if job and job.state == 'r' then add('running', -job.cost) elseif job then countOut(job) end
  -- Nobody waits and nobody works, so that nobody is owed anything: the clocks begin anew.
  if call('HLEN', jobs) == 0 then call('DEL', sums) end
  return job
end

-- Whatever is left behind goes by itself, when the last of the jobs can be forgotten. Needs Redis 7 for NX and GT.
local function keepUntil(time)
  for _, key in ipairs(KEYS) do
    call('PEXPIREAT', key, time, 'NX')
    call('PEXPIREAT', key, time, 'GT')
  end
end

local steps = {}

function steps.admit(now, mostJobs, mostTokens, share, class, behind, tenant, admittedMs, ...)
  -- What processes that died have left.
  for _, id in ipairs(call('ZRANGEBYSCORE', expiry, '-inf', now, 'LIMIT', 0, 100)) do forget(id) end
  local asked, new, places = { ... }, {}, {}
  local newTokens = 0
  for i = 1, #asked, 2 do
    local known = read(asked[i])
    places[asked[i]] = known and known.place
    if not known then
      new[#new + 1] = { id = asked[i], cost = asked[i + 1] }
      newTokens = newTokens + asked[i + 1]
    end
  end

  local endName = 'end:' .. class .. ':' .. tenant
  local clock = sum('clock')
  local start = math.max(clock, sum(endName))
  local waiting, tokens = sum('jobs'), sum('tokens')
  local own, ownTokens = sum('jobs:' .. tenant), sum('tokens:' .. tenant)
  local code = 1
  -- Who finds nobody waiting is let in, whatever the size.
  if #new > 0 and waiting > 0 and (waiting + #new > mostJobs + 0 or tokens + newTokens > mostTokens + 0) then
    code = -1
  elseif #new > 0 and own > 0 and (own + #new > mostJobs * share or ownTokens + newTokens > mostTokens * share) then
    code = -2
  end
  local front = call('ZCOUNT', line, '-inf', whole(start + behind))
  local reply = { code, waiting, tokens, sum('tenants'), own, ownTokens, front, sum('running'), whole(clock), whole(sum('base')) }
  if code ~= 1 then return reply end

  for _, each in ipairs(new) do
    local place = whole(start + behind)
    local job = { state = 'a', cost = each.cost, start = whole(start), place = place, class = class, tenant = tenant }
    write(each.id, job)
    call('ZADD', expiry, now + admittedMs, each.id)
    countIn(job)
    places[each.id] = place
    start = start + each.cost
  end
  call('HSET', sums, endName, whole(start))
  keepUntil(now + admittedMs)
  for i = 1, #asked, 2 do reply[#reply + 1] = places[asked[i]] end
  return reply
end

function steps.submit(id, untilMs)
  local job = read(id)
  if not job then return end
  call('ZADD', expiry, untilMs, id)
  -- A worker may have been faster.
  if job.state == 'a' then
    job.state = 'w'
    write(id, job)
    call('ZADD', line, job.place, id)
  end
  keepUntil(untilMs)
end

function steps.start(id)
  local job = read(id)
  if not job then return {} end
  if job.state ~= 'r' then
    countOut(job)
    add('running', job.cost)
    job.state = 'r'
    write(id, job)
    call('ZREM', line, id)
    call('HSET', sums, 'clock', whole(math.max(sum('clock'), tonumber(job.start))))
  end
  return { job.class, job.place }
end

function steps.giveBack(id)
  local job = read(id)
  if not job or job.state ~= 'r' then return end
  job.state = 'w'
  write(id, job)
  add('running', -job.cost)
  countIn(job)
  call('ZADD', line, job.place, id)
  keepUntil(call('PEXPIRETIME', jobs))
end

function steps.leave(id, used)
  local job = forget(id)
  if not job or used == '' or call('EXISTS', sums) == 0 then return end
  -- The tenant pays for what was used; the estimate no longer counts.
  local endName = 'end:' .. job.class .. ':' .. job.tenant
  call('HSET', sums, endName, whole(math.max(sum(endName) - job.cost + used, 0)))
end

return steps[ARGV[1]](unpack(ARGV, 2))
