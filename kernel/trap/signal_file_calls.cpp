// SPDX-License-Identifier: MIT
#include "trap/signal_file_calls.h"

#include "cpu/user_copy.h"
#include "fs/signal_file.h"
#include "process/loom.h"
#include "process/vessel.h"
#include "trap/path_argument.h"

namespace kernel {

using base::fail;
using base::Result;
using uapi::Error;
namespace flag = uapi::open_flag;

Result<std::uint64_t> signalfd4(std::uint64_t descriptor, arch::VirtAddr mask, std::uint64_t mask_size,
                                std::uint64_t argument)
{
    constexpr std::int32_t kNewFile = -1;
    if (mask_size != sizeof(SignalSet)) {
        return fail(Error::Einval);
    }
    const SignalSet signals{TRY(read_user<std::uint64_t>(mask))};
    const auto flags = static_cast<std::uint32_t>(argument);
    if ((flags & ~(flag::kCloseOnExec | flag::kNonblock)) != 0) {
        return fail(Error::Einval);
    }
    Vessel& vessel = *loom.current().vessel;
    if (static_cast<std::int32_t>(descriptor) == kNewFile) {
        const InodeRef inode = TRY(SignalFile::create(signals));
        OpenFile& file = *TRY(open_files.open(*inode, flags | flag::kReadWrite));
        return TRY(vessel.files.add(file, 0, (flags & flag::kCloseOnExec) != 0));
    }
    const HeldFile file = TRY(find_usable(descriptor));
    SignalFile* const signal_file = file->inode->signal_file();
    if (signal_file == nullptr) {
        return fail(Error::Einval);
    }
    signal_file->set_signals(signals);
    vessel.signal_watchers.tell(); // what has been there may be of interest now
    return static_cast<std::uint32_t>(descriptor);
}

} // namespace kernel
