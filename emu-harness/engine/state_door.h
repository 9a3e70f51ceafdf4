// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's raw CPU state, in place: what its register interface cannot read or write.
// Where it is and how it is laid out is private to Unicorn, so each place in it is found or verified when an engine is
// opened: by planting values through the public interface, in the copy that a context holds and in the engine's own
// memory, and by making the engine fault once.
#pragma once

#include "model/float_state.h"

#include <unicorn/unicorn.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <string>

namespace ringcheck {

/// A segment or table register inside the state, as QEMU's SegmentCache lays it out.
struct RawSegment {
    std::uint32_t selector;
    std::uint32_t padding;
    std::uint64_t base;
    std::uint32_t limit;
    std::uint32_t flags;
};
static_assert(sizeof(RawSegment) == 24);

/// Bits of the raw `hflags` word: what the translator must know of the CPU's mode.
namespace hflags {
inline constexpr std::uint32_t kCpl = 3, kInhibitInterrupts = 1 << 3, kCs32 = 1 << 4, kSs32 = 1 << 5, kAddSeg = 1 << 6,
                               kProtected = 1 << 7, kMonitorCoprocessor = 1 << 9, kEmulation = 1 << 10,
                               kTaskSwitched = 1 << 11, kLongMode = 1 << 14, kCs64 = 1 << 15, kOsFxsr = 1 << 22,
                               kSmap = 1 << 23;
} // namespace hflags

class StateDoor {
public:
    /// Verifies the layout against `engine`, which has not run yet, and leaves it as it was.
    /// @param scratch  the first page of guest RAM, identity-mapped for the engine; its contents are kept
    static std::expected<StateDoor, std::string> open(uc_engine* engine, std::byte* scratch);

    // All of them valid between two runs, and changed by the next one.
    std::uint64_t* gpr() { return at<std::uint64_t>(0); } ///< 16 words in encoding order
    std::uint64_t& rip() { return *at<std::uint64_t>(128); }
    /// The arithmetic flags and DF are elsewhere while code runs, and not evaluated.
    std::uint64_t& raw_rflags() { return *at<std::uint64_t>(136); }
    /// What CF, PF, AF, ZF, SF and OF are computed from when somebody asks for them.
    struct LazyFlags {
        std::uint64_t result, source, second_source;
        std::uint32_t operation; ///< kEvaluated: the flags themselves are in `source`
        static constexpr std::uint32_t kEvaluated = 1;
    };
    LazyFlags lazy_flags() const
    {
        LazyFlags flags;
        std::memcpy(&flags, state_ + kLazyFlags, kLazyFlagsBytes);
        return flags;
    }
    void set_lazy_flags(const LazyFlags& flags);
    std::uint32_t& hidden_flags() { return *at<std::uint32_t>(176); }
    /// ES CS SS DS FS GS LDTR TR GDTR IDTR
    RawSegment* segments() { return at<RawSegment>(184); }
    std::uint64_t* cr() { return at<std::uint64_t>(424); } ///< CR0..CR4
    std::uint64_t& efer() { return *at<std::uint64_t>(efer_); }
    std::uint64_t* dr() { return at<std::uint64_t>(dr_); } ///< DR0..DR7
    std::uint32_t& error_code() { return *at<std::uint32_t>(dr_ - 16); }
    std::uint32_t& exception_is_int() { return *at<std::uint32_t>(dr_ - 12); }
    /// The exception whose delivery a next one would turn into #DF.  The engine never delivers, so never clears it.
    std::int32_t& old_exception() { return *at<std::int32_t>(dr_ + 96); }

    /// Protection keys' rights; the engine looks at them with CR4.PKE.
    std::uint32_t& pkru() { return *at<std::uint32_t>(pkru_); }
    /// x87 and SSE.
    model::FloatState floats() const;
    std::uint32_t mxcsr() const { return *reinterpret_cast<const std::uint32_t*>(state_ + mxcsr_); }
    /// The exceptions that SSE instructions have met, as bits of MXCSR, where the engine never puts them.
    std::uint8_t& sse_exceptions() { return *at<std::uint8_t>(mxcsr_ - 6); }

    /// What the engine changes also when it only looks for a page that is not there.
    struct ExceptionFields {
        std::uint64_t cr2;
        std::uint32_t error_code, exception_is_int;
        std::int32_t old_exception;
    };
    ExceptionFields exception_fields() { return {cr()[2], error_code(), exception_is_int(), old_exception()}; }
    void set_exception_fields(const ExceptionFields& fields)
    {
        cr()[2] = fields.cr2;
        error_code() = fields.error_code;
        exception_is_int() = fields.exception_is_int;
        old_exception() = fields.old_exception;
    }

private:
    class Context;
    explicit StateDoor(uc_engine* engine) : engine_(engine) {}
    static constexpr std::size_t kLazyFlags = 144;
    static constexpr std::size_t kLazyFlagsBytes = offsetof(LazyFlags, operation) + sizeof LazyFlags::operation;
    template <typename Field> Field* at(std::size_t offset) { return reinterpret_cast<Field*>(state_ + offset); }
    bool find_registers(Context& context);
    bool is_live_state(const std::uint64_t* found, const Context& context);
    bool find_live_state(const Context& context);
    bool find_efer();
    bool verify_lazy_flags();
    bool verify_exceptions(Context& context, std::byte* scratch);
    bool find_floats();

    uc_engine* engine_;
    std::byte* state_ = nullptr; ///< begins with the general registers
    std::size_t dr_ = 0;         ///< offsets in it
    std::size_t efer_ = 0, pkru_ = 0;
    std::size_t x87_ = 0; ///< the x87 registers, behind TOP, status, control and tags
    std::size_t xmm_ = 0, mxcsr_ = 0;
};

} // namespace ringcheck
