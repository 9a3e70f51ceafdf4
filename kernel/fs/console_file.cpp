// SPDX-License-Identifier: MIT
#include "fs/console_file.h"

#include "base/min_max.h"
#include "cpu/user_chunks.h"
#include "device/serial.h"
#include "fs/console_reader.h"
#include "fs/open_file.h"
#include "process/loom.h"

namespace kernel {

using arch::VirtAddr;
using base::Result;

constinit ConsoleFile console_file;

Result<std::uint64_t> ConsoleFile::read(OpenFile& file, VirtAddr buffer, std::uint64_t count, std::uint64_t)
{
    if (count == 0) {
        return 0;
    }
    const base::StringView line = TRY(console_reader.line(*loom.current().vessel, file.blocks()));
    const std::uint64_t wanted = base::min<std::uint64_t>(count, line.size());
    const std::uint64_t copied = TRY(give_user(buffer, {reinterpret_cast<const std::uint8_t*>(line.data()), wanted}));
    console_reader.consume(copied);
    return copied;
}

Result<std::uint64_t> ConsoleFile::write(OpenFile&, VirtAddr buffer, std::uint64_t count, std::uint64_t)
{
    return move_in_chunks(buffer, count, uapi::kMaximumTransfer, [](base::Span<std::uint8_t> chunk, VirtAddr from) {
        const std::uint64_t copied = copy_from_user(chunk, from);
        console.write({reinterpret_cast<const char*>(chunk.data()), copied});
        return copied;
    });
}

} // namespace kernel
