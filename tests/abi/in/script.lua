-- SPDX-License-Identifier: MIT
-- Tables, closures, coroutines, patterns, errors and files.
local squares = {}
for i = 1, 5 do squares[i] = i * i end
print(table.concat(squares, " "))
local function counter() local n = 0; return function() n = n + 1; return n end end
local c = counter(); c(); print(c())
local words = coroutine.wrap(function() for w in ("a bb ccc"):gmatch("%a+") do coroutine.yield(#w) end end)
print(words(), words(), words())
print(select(2, pcall(function() error({code = 3}) end)).code)
print(select(2, pcall(function() return nil + 1 end)))
print(string.format("%5.2f|%x|%q", math.pi, 255, "quote\n"), 7 // 2, 7 / 2, 1 << 40)
local f <close> = assert(io.open("lua.out", "w"))
f:write("written by Lua\n", 42, "\n"); f:close()
for line in io.lines("lua.out") do print(line) end
print(os.getenv("HOME"), os.rename("lua.out", "lua.done"), io.open("lua.out"))
os.exit(5)
