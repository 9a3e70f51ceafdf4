// SPDX-License-Identifier: MIT
// The kernel's own record of what programs do, one event a line, in the words of traces/README.md, so that a boot on
// another machine can be compared with a trace.  Off until it is given a place to write to.
#pragma once

#include "base/format.h"
#include "layout/trap_frame.h"
#include "process/fault_report.h"
#include "process/vessel.h"

namespace kernel {

class SyscallLog {
public:
    void start(base::Writer& out) { out_ = &out; }
    void stop() { out_ = nullptr; }
    bool is_on() const { return out_ != nullptr; }

    void enter(base::StringView program, std::uint64_t entry);
    /// The number and arguments in `frame`, read before the call can change what they point to.
    void call(const layout::TrapFrame& frame);
    void result(std::uint64_t rax);
    void fault(const FaultReport& report);
    void exit(base::StringView program, WaitStatus status);

private:
    base::Writer* out_ = nullptr;
};

extern SyscallLog syscall_log;

} // namespace kernel
