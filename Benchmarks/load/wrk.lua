-- Uploads one prebuilt body again and again: wrk ... -s wrk.lua URL -- BODY TYPE
function init(arguments)
    local file = assert(io.open(arguments[1], "rb"))
    wrk.method = "POST"
    wrk.headers["Content-Type"] = arguments[2]
    wrk.body = file:read("*a")
    file:close()
    prepared = wrk.format()
end

function request()
    return prepared
end
