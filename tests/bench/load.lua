-- What wrk sends and tells, for load.py:
--
--     wrk … -s load.lua URL -- post PATH     unique T1s, each of 288 random bytes
--     wrk … -s load.lua URL -- get           URL as it is
--
-- The last line is the result: requests, seconds, requests that failed, 99th percentile of the
-- latency in milliseconds, bytes read.

local T1_BYTES = 288

local function hex(bytes)
    return (bytes:gsub(".", function(byte) return string.format("%02x", byte:byte()) end))
end

function init(arguments)
    if arguments[1] ~= "post" then
        return
    end
    local random = assert(io.open("/dev/urandom", "rb"))
    -- The device is asked now and then for many bodies; reading must not be what is measured.
    random:setvbuf("full", 64 * 1024)
    -- One write key for each of wrk's threads: the server cannot know, and hashes it every time.
    local head = table.concat({
        "POST " .. arguments[2] .. " HTTP/1.1",
        "Host: " .. wrk.host .. ":" .. wrk.port,
        "Authorization: Bearer " .. hex(random:read(32)),
        "Content-Type: application/octet-stream",
        "Content-Length: " .. T1_BYTES,
        "", "",
    }, "\r\n")
    function request()
        return head .. random:read(T1_BYTES)
    end
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("%d %.6f %d %.3f %d\n", summary.requests, summary.duration / 1e6,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(99) / 1e3, summary.bytes))
end
