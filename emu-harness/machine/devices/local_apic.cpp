// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/devices/local_apic.h"

#include "arch/msr.h"

#include <fmt/format.h>

namespace ringcheck {

namespace apic = arch::local_apic;
using apic::Delivery;

namespace {

/// Version 14h with six local vector table entries.
constexpr std::uint32_t kVersion = 0x0005'0014;
constexpr std::uint64_t kAllOfCpu0 = apic::kDefaultBase | apic::base::kBootProcessor | apic::base::kEnable;
constexpr std::uint32_t kFlatModel = 0xffff'ffff;
constexpr std::uint32_t kLowHalf = 0xffff'ffff;
constexpr std::uint32_t kLogicalIdOfCpu0 = 1; ///< in x2APIC mode: cluster 0, bit 0

/// The bits of each local vector table entry that can be written, in the order of the table.
constexpr std::uint32_t kLvtWritable[] = {0x700ff, 0x107ff, 0x107ff, 0x1a7ff, 0x1a7ff, 0x100ff};
/// Virtual wire mode: spurious vector 0xff, LINT0 ExtINT, LINT1 NMI.  [MP Specification 1.4 "Virtual Wire Mode"]
constexpr std::uint32_t kFirmwareSpurious = apic::spurious::kEnable | 0xff, kLvtExternal = 0x700, kLvtNmi = 0x400;

bool is_vector_block(std::uint32_t offset, apic::Register first)
{
    const auto begin = static_cast<std::uint32_t>(first);
    return offset >= begin && offset < begin + 8 * apic::kRegisterStride;
}

Delivery delivery_of(std::uint32_t entry)
{
    return static_cast<Delivery>(apic::lvt::kDelivery.get(entry));
}

std::uint8_t vector_of(std::uint32_t entry)
{
    return static_cast<std::uint8_t>(apic::lvt::kVector.get(entry));
}

} // namespace

LocalApic::LocalApic(Offer offer, std::function<std::uint64_t()> now, std::function<void(std::uint8_t)> end_of_level,
                     ReportUnmodelled report)
    : offer_(offer), now_(std::move(now)), end_of_level_(std::move(end_of_level)), report_(std::move(report)),
      base_(offer.apic ? kAllOfCpu0 : 0)
{
    reset();
    spurious_ = kFirmwareSpurious;
    lvt_[Lint0] = kLvtExternal;
    lvt_[Lint1] = kLvtNmi;
}

/// [SDM 3A "Local APIC State After Power-Up or Reset"]
void LocalApic::reset()
{
    priority_ = {};
    timer_ = {};
    lvt_.fill(apic::lvt::kMasked);
    id_ = logical_destination_ = command_low_ = command_high_ = errors_ = error_status_ = 0;
    destination_format_ = kFlatModel;
    spurious_ = 0xff;
    nmi_pending_ = external_requested_ = init_pending_ = false;
}

bool LocalApic::software_enabled() const
{
    return (spurious_ & apic::spurious::kEnable) != 0;
}

bool LocalApic::passes_external_interrupts() const
{
    return !enabled() ||
           ((lvt_[Lint0] & apic::lvt::kMasked) == 0 && delivery_of(lvt_[Lint0]) == Delivery::ExternalInterrupt);
}

std::optional<std::uint8_t> LocalApic::deliverable() const
{
    return enabled() && software_enabled() ? priority_.deliverable() : std::nullopt;
}

void LocalApic::set_cr8(std::uint64_t value)
{
    priority_.set_task_priority(static_cast<std::uint8_t>(value << 4));
}

void LocalApic::note_error(std::uint32_t bit)
{
    const bool is_new = (errors_ & bit) == 0;
    errors_ |= bit;
    if (is_new && vector_of(lvt_[Error]) >= apic::kFirstLegalVector) { // an illegal one here would raise itself
        raise_local(Error);
    }
}

void LocalApic::raise_local(Lvt entry)
{
    if ((lvt_[entry] & apic::lvt::kMasked) == 0) {
        const bool has_delivery = entry != Timer && entry != Error;
        receive({has_delivery ? delivery_of(lvt_[entry]) : Delivery::Fixed, vector_of(lvt_[entry]), false});
    }
}

void LocalApic::receive(const ApicMessage& message)
{
    switch (message.delivery) {
    case Delivery::Fixed:
    case Delivery::LowestPriority:
        if (!software_enabled()) {
            return;
        }
        if (message.vector < apic::kFirstLegalVector) {
            note_error(apic::error::kReceivedIllegalVector);
            return;
        }
        priority_.request(message.vector, message.level);
        return;
    case Delivery::Nmi: nmi_pending_ = true; return;
    case Delivery::ExternalInterrupt: external_requested_ = true; return;
    case Delivery::Init: init_pending_ = true; return;
    case Delivery::StartUp: return; // ignored by a CPU that does not wait for it
    default: report_(fmt::format("APIC delivery mode {}", static_cast<unsigned>(message.delivery))); return;
    }
}

bool LocalApic::is_for_this_cpu(std::uint32_t destination, bool logical) const
{
    const std::uint32_t everybody = x2apic() ? kLowHalf : 0xff;
    if (destination == everybody) {
        return true;
    }
    if (!logical) {
        return destination == (x2apic() ? 0 : id_ >> 24);
    }
    if (x2apic()) {
        return destination >> 16 == 0 && (destination & kLogicalIdOfCpu0) != 0;
    }
    const std::uint32_t mine = logical_destination_ >> 24;
    if (destination_format_ == kFlatModel) {
        return (destination & mine) != 0;
    }
    return destination >> 4 == mine >> 4 && (destination & mine & 0xf) != 0;
}

bool LocalApic::accepts(std::uint8_t destination, bool logical) const
{
    return enabled() && (destination == 0xff || is_for_this_cpu(destination, logical));
}

void LocalApic::send(std::uint32_t command, std::uint32_t destination)
{
    using namespace apic::command;
    const auto shorthand = static_cast<unsigned>(kShorthand.get(command));
    const bool here =
        shorthand == kNoShorthand ? is_for_this_cpu(destination, (command & kLogical) != 0) : shorthand != kAllButSelf;
    const ApicMessage message{delivery_of(command), vector_of(command), false};
    const bool needs_vector = message.delivery == Delivery::Fixed || message.delivery == Delivery::LowestPriority;
    if (needs_vector && message.vector < apic::kFirstLegalVector) {
        note_error(apic::error::kSendIllegalVector);
        return;
    }
    if (message.delivery == Delivery::ExternalInterrupt) {
        report_("APIC command with delivery mode 7");
        return;
    }
    const bool starts = message.delivery == Delivery::Init || message.delivery == Delivery::StartUp;
    if (starts && (shorthand == kSelf || shorthand == kAll)) {
        // [SDM 3A "Valid Combinations for the Pentium 4 and Intel Xeon Processors' Local xAPIC Interrupt Command
        // Register"]
        report_("APIC command INIT or start-up with the CPU itself as shorthand");
        return;
    }
    const bool deasserts = (command & (kAssert | kLevel)) == kLevel;
    if (message.delivery == Delivery::Init && deasserts) {
        return; // no CPU since the Pentium 4 takes it  [SDM 3A "Interrupt Command Register (ICR)"]
    }
    if (here) {
        receive(message);
    }
}

void LocalApic::end_interrupt()
{
    if (ended_) {
        ended_(priority_.in_service().highest());
    }
    if (const auto vector = priority_.end_of_interrupt()) {
        end_of_level_(*vector);
    }
}

void LocalApic::write_spurious_vector(std::uint32_t value)
{
    constexpr std::uint32_t kWritable = 0x1ff;
    spurious_ = value & kWritable;
    if (!software_enabled()) {
        for (std::uint32_t& entry : lvt_) {
            entry |= apic::lvt::kMasked;
        }
    }
}

void LocalApic::write_lvt(Lvt entry, std::uint32_t value)
{
    value &= kLvtWritable[entry];
    if (entry == Timer && !offer_.tsc_deadline) {
        value &= ~(1u << 18);
    }
    lvt_[entry] = value | (software_enabled() ? 0 : apic::lvt::kMasked);
    if (entry == Timer) {
        timer_.set_mode(static_cast<apic::TimerMode>(apic::lvt::kTimerMode.get(value)));
    }
}

std::optional<std::uint32_t> LocalApic::read_register(std::uint32_t offset) const
{
    const auto block = [offset](Register first, const VectorSet& set) {
        return set.word((offset - static_cast<std::uint32_t>(first)) / apic::kRegisterStride);
    };
    if (is_vector_block(offset, Register::InService)) {
        return block(Register::InService, priority_.in_service());
    }
    if (is_vector_block(offset, Register::TriggerMode)) {
        return block(Register::TriggerMode, priority_.level_triggered());
    }
    if (is_vector_block(offset, Register::Request)) {
        return block(Register::Request, priority_.requested());
    }
    switch (Register{offset}) {
    case Register::Id: return id_;
    case Register::Version: return kVersion;
    case Register::TaskPriority: return priority_.task_priority();
    case Register::ArbitrationPriority:
    case Register::RemoteRead: return 0;
    case Register::ProcessorPriority: return priority_.processor_priority();
    case Register::EndOfInterrupt: return 0; // write-only
    case Register::LogicalDestination: return x2apic() ? kLogicalIdOfCpu0 : logical_destination_;
    case Register::DestinationFormat: return destination_format_;
    case Register::SpuriousVector: return spurious_;
    case Register::ErrorStatus: return error_status_;
    case Register::CommandLow: return command_low_;
    case Register::CommandHigh: return command_high_;
    case Register::LvtTimer: return lvt_[Timer];
    case Register::LvtThermal: return lvt_[Thermal];
    case Register::LvtPerformance: return lvt_[Performance];
    case Register::LvtLint0: return lvt_[Lint0];
    case Register::LvtLint1: return lvt_[Lint1];
    case Register::LvtError: return lvt_[Error];
    case Register::InitialCount: return timer_.initial_count();
    case Register::CurrentCount: return timer_.current_count(now_());
    case Register::DivideConfiguration: return timer_.divide_configuration();
    default: return std::nullopt;
    }
}

bool LocalApic::write_register(Register which, std::uint32_t value)
{
    constexpr std::uint32_t kUpperByte = 0xff00'0000, kCommandBits = 0x000c'cfff;
    switch (which) {
    case Register::Id: id_ = value & kUpperByte; return true;
    case Register::TaskPriority: priority_.set_task_priority(static_cast<std::uint8_t>(value)); return true;
    case Register::EndOfInterrupt: end_interrupt(); return true;
    case Register::LogicalDestination: logical_destination_ = value & kUpperByte; return true;
    case Register::DestinationFormat: destination_format_ = value | ~(0xfu << 28); return true;
    case Register::SpuriousVector: write_spurious_vector(value); return true;
    case Register::ErrorStatus: // shows what has come since the last write
        error_status_ = errors_;
        errors_ = 0;
        return true;
    case Register::CommandLow:
        command_low_ = value & kCommandBits;
        send(command_low_, x2apic() ? command_high_ : command_high_ >> 24);
        return true;
    case Register::CommandHigh: command_high_ = x2apic() ? value : value & kUpperByte; return true;
    case Register::LvtTimer: write_lvt(Timer, value); return true;
    case Register::LvtThermal: write_lvt(Thermal, value); return true;
    case Register::LvtPerformance: write_lvt(Performance, value); return true;
    case Register::LvtLint0: write_lvt(Lint0, value); return true;
    case Register::LvtLint1: write_lvt(Lint1, value); return true;
    case Register::LvtError: write_lvt(Error, value); return true;
    case Register::InitialCount: timer_.set_initial_count(value, now_()); return true;
    case Register::DivideConfiguration: timer_.set_divide(value, now_()); return true;
    default: return false;
    }
}

std::uint64_t LocalApic::read(std::uint32_t offset, unsigned bytes)
{
    if (bytes != 4 || offset % apic::kRegisterStride != 0) {
        report_(fmt::format("local APIC read of {} bytes at {:#x}", bytes, offset));
        return 0;
    }
    const auto value = read_register(offset);
    if (!value) {
        note_error(apic::error::kIllegalRegister);
    }
    return value.value_or(0);
}

void LocalApic::write(std::uint32_t offset, unsigned bytes, std::uint64_t value)
{
    if (bytes != 4 || offset % apic::kRegisterStride != 0) {
        report_(fmt::format("local APIC write of {} bytes at {:#x}", bytes, offset));
    } else if (!write_register(Register{offset}, static_cast<std::uint32_t>(value))) {
        note_error(apic::error::kIllegalRegister);
    }
}

bool LocalApic::has_msr(std::uint32_t index) const
{
    return (offer_.apic && index == static_cast<std::uint32_t>(arch::Msr::IA32_APIC_BASE)) ||
           (index == apic::kTscDeadline && offer_.tsc_deadline) ||
           (offer_.x2apic && index >= apic::kX2ApicFirst && index <= apic::kX2ApicLast);
}

std::optional<std::uint64_t> LocalApic::read_msr(std::uint32_t index)
{
    if (index == static_cast<std::uint32_t>(arch::Msr::IA32_APIC_BASE)) {
        return base_;
    }
    if (index == apic::kTscDeadline) {
        return timer_.tsc_deadline();
    }
    const std::uint32_t offset = (index - apic::kX2ApicFirst) * apic::kRegisterStride;
    switch (Register{offset}) {
    case Register::CommandLow:
        return x2apic() ? std::optional(std::uint64_t{command_high_} << 32 | command_low_) : std::nullopt;
    case Register::ArbitrationPriority:
    case Register::EndOfInterrupt:
    case Register::RemoteRead:
    case Register::DestinationFormat:
    case Register::CommandHigh:
    case Register::SelfIpi: return std::nullopt;
    default: break;
    }
    const auto value = x2apic() ? read_register(offset) : std::nullopt;
    return value ? std::optional<std::uint64_t>(*value) : std::nullopt;
}

bool LocalApic::write_base(std::uint64_t value)
{
    using namespace apic::base;
    const std::uint64_t modes = kEnable | (offer_.x2apic ? kX2Apic : 0);
    constexpr std::uint64_t kAddressBits = 0xff'ffff'f000; // 40 bits of physical address
    if ((value & ~(modes | kBootProcessor | kAddressBits)) != 0) {
        return false;
    }
    const bool enable = (value & kEnable) != 0, extended = (value & kX2Apic) != 0;
    // [SDM 3A "x2APIC State Transitions"]
    const bool leaves_x2apic_half = x2apic() && enable && !extended;
    const bool enters_from_nowhere = !enabled() && enable && extended;
    if ((extended && !enable) || leaves_x2apic_half || enters_from_nowhere) {
        return false;
    }
    if (kAddress.get(value) != kAddress.get(apic::kDefaultBase)) {
        report_(fmt::format("IA32_APIC_BASE = {:#x} (the local APIC's page moves)", value));
        value = (value & ~kAddressBits) | apic::kDefaultBase;
    }
    if (enable != enabled()) {
        reset();
    }
    base_ = value;
    return true;
}

bool LocalApic::write_msr(std::uint32_t index, std::uint64_t value)
{
    if (index == static_cast<std::uint32_t>(arch::Msr::IA32_APIC_BASE)) {
        return write_base(value);
    }
    if (index == apic::kTscDeadline) {
        timer_.set_tsc_deadline(value);
        return true;
    }
    if (!x2apic()) {
        return false;
    }
    const Register which{(index - apic::kX2ApicFirst) * apic::kRegisterStride};
    const auto low = static_cast<std::uint32_t>(value);
    if (which == Register::CommandLow) {
        command_high_ = static_cast<std::uint32_t>(value >> 32);
        return write_register(which, low);
    }
    if (value >> 32 != 0) {
        return false;
    }
    switch (which) {
    case Register::Id:
    case Register::LogicalDestination:
    case Register::DestinationFormat:
    case Register::CommandHigh: return false; // read-only here, or gone
    case Register::EndOfInterrupt:
    case Register::ErrorStatus: return value == 0 && write_register(which, 0);
    case Register::TaskPriority: return value <= 0xff && write_register(which, low);
    case Register::SelfIpi:
        if (value > 0xff) {
            return false;
        }
        send(static_cast<std::uint32_t>(apic::command::kShorthand.put(apic::command::kSelf)) | low, 0);
        return true;
    default: return write_register(which, low);
    }
}

void LocalApic::advance()
{
    if (timer_.advance(now_())) {
        raise_local(Timer);
    }
}

std::optional<std::uint64_t> LocalApic::next_event() const
{
    // A masked timer counts all the same, but nobody can tell until it is looked at.
    return (lvt_[Timer] & apic::lvt::kMasked) == 0 ? timer_.deadline() : std::nullopt;
}

} // namespace ringcheck
