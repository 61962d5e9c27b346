-- Requests of one kind: load.lua get|list|open|transfer ACCOUNTS SEED

local json = { ["content-type"] = "application/json" }
local kind, accounts

function init(args)
  kind, accounts = args[1], tonumber(args[2])
  math.randomseed(tonumber(args[3]))
end

local function id()
  return string.format("00000000-0000-7000-8000-%012x", math.random(accounts))
end

function request()
  if kind == "get" then
    return wrk.format("GET", "/v1/accounts/" .. id())
  elseif kind == "list" then
    return wrk.format("GET", "/v1/accounts?limit=20")
  elseif kind == "open" then
    local body = '{"owner":"Ada Lovelace","currency":"EUR","opening_balance":500}'
    return wrk.format("POST", "/v1/accounts", json, body)
  end
  local from, to = id(), id()
  while from == to do to = id() end
  local body = '{"from":"%s","to":"%s","amount":1,"currency":"EUR"}'
  return wrk.format("POST", "/v1/transfers", json, body:format(from, to))
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  local p99 = latency:percentile(99)
  print(string.format("figures %d %d %d %d", summary.requests, summary.duration, p99, failed))
end
