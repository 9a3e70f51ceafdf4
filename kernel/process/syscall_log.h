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
    void start(base::Writer& out)
    {
        out_ = &out;
        open_ = 0;
    }
    void stop() { out_ = nullptr; }
    bool is_on() const { return out_ != nullptr; }

    /// A program begins: where its memory is, then its first instruction.
    void enter(const Vessel& vessel, std::uint64_t entry);
    /// The same of a program that comes in the place of another one.
    void execute(const Vessel& vessel, std::uint64_t entry);
    /// A thread that another one made begins: the first of its Vessel, or one more.
    void start_thread(const Thread& thread);
    /// The number and arguments in `frame`, read before the call can change what they point to.
    /// @return false: what it returns is no result
    bool call(const layout::TrapFrame& frame);
    void result(std::uint64_t rax);
    /// The call that was made last is made again, and has no result.
    void restart();
    /// The running thread's handler at `handler` is about to run.
    void signal(const uapi::SignalInfo& info, std::uint64_t handler);
    void fault(const FaultReport& report);
    void exit(const Vessel& vessel);

private:
    void begin(const Vessel& vessel, const char* word, std::uint64_t entry);
    base::Writer& line(std::uint64_t number);

    base::Writer* out_ = nullptr;
    std::uint64_t open_ = 0; ///< the thread whose call stands at the end, without its result; 0: none
};

extern SyscallLog syscall_log;

} // namespace kernel
