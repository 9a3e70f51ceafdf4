// SPDX-License-Identifier: MIT
#include "fuzz/model_guest_source.h"

#include "arch/address.h"
#include "arch/call_gate.h"
#include "model/control_register.h"

#include <array>

namespace fuzz {
namespace {

using namespace ringcheck::model;
using arch::SegmentDescriptor;

/// The GDT goes on behind ModelGuest's own slots: code and data for each other kind of state, then whatever comes.
constexpr std::uint16_t kCode1 = 0x49, kData1 = 0x51, kCode2 = 0x5a, kData2 = 0x62, kCompatible3 = 0x6b,
                        kCompatible0 = 0x70, kConforming = 0x78, kGdtEnd = 0x100;
constexpr std::uint16_t kGateToKernel = 0x83, kGateToConforming = 0x93, kLdtDescriptor = 0xa0;
constexpr std::uint64_t kLdtEnd = 0x80;

/// CS and SS that go together, for states and for the frames that lead to them.
struct Mode {
    std::uint16_t code, stack;
};
constexpr std::array<Mode, 8> kModes{{{ModelGuest::kKernelCode, ModelGuest::kKernelData},
                                      {ModelGuest::kUserCode, ModelGuest::kUserData},
                                      {kCode1, kData1},
                                      {kCode2, kData2},
                                      {kCompatible3, ModelGuest::kUserData},
                                      {kCompatible0, ModelGuest::kKernelData},
                                      {kConforming | 3, ModelGuest::kUserData},
                                      {ModelGuest::kKernelCode, 0}}};

constexpr std::uint64_t descriptor(std::uint64_t type, unsigned dpl, std::uint64_t size)
{
    return 0x008f'1100'0000'ffff | SegmentDescriptor::kType.put(type | 1) | SegmentDescriptor::kDpl.put(dpl) |
           SegmentDescriptor::kPresent | size;
}

/// What every guest begins as.
const ModelGuest& intact_guest()
{
    static const ModelGuest intact = [] {
        ModelGuest guest;
        const auto place = [&guest](std::uint16_t selector, std::uint64_t raw) {
            guest.set_word(ModelGuest::kGdt + (selector & ~7u), raw);
        };
        place(kCode1, descriptor(10, 1, SegmentDescriptor::kLong));
        place(kData1, descriptor(2, 1, SegmentDescriptor::kDefaultSize));
        place(kCode2, descriptor(10, 2, SegmentDescriptor::kLong));
        place(kData2, descriptor(2, 2, SegmentDescriptor::kDefaultSize));
        place(kCompatible3, descriptor(10, 3, SegmentDescriptor::kDefaultSize));
        place(kCompatible0, descriptor(10, 0, SegmentDescriptor::kDefaultSize));
        place(kConforming, descriptor(14, 0, SegmentDescriptor::kLong));
        const auto place_gate = [&](std::uint16_t selector, std::uint16_t code) {
            const auto gate = arch::CallGate::to(ModelGuest::kHandlers, code, arch::Ring::User);
            place(selector, gate.low);
            place(static_cast<std::uint16_t>(selector + 8), gate.high);
        };
        place_gate(kGateToKernel, ModelGuest::kKernelCode);
        place_gate(kGateToConforming, kConforming);
        place(kLdtDescriptor, 0x0000'8200'5800'0000 | (kLdtEnd - 1));
        return guest;
    }();
    return intact;
}

} // namespace

std::uint64_t GuestSource::address()
{
    constexpr std::array<std::uint64_t, 6> kEdges{0,
                                                  std::uint64_t{1} << 32,
                                                  std::uint64_t{1} << 47,
                                                  0xffff'8000'0000'0000,
                                                  ModelGuest::kHandlers,
                                                  ~std::uint64_t{0}};
    switch (below(8)) {
    case 0: return word();
    case 1: return kEdges[below(kEdges.size())] + below(64) - 32;
    case 2: return ModelGuest::kHandlers + below(0x1000);
    default: return below(ModelGuest::kRamBytes / 8) * 8 + (below(4) == 0 ? below(8) : 0);
    }
}

std::uint64_t GuestSource::canonical_address()
{
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(address() << 16) >> 16);
}

std::uint16_t GuestSource::selector()
{
    if (coin()) {
        constexpr std::array kOthers{kGateToKernel, kGateToConforming, kLdtDescriptor, ModelGuest::kTssSelector};
        const Mode mode = kModes[below(kModes.size())];
        return below(3) == 0 ? kOthers[below(kOthers.size())] : coin() ? mode.code : mode.stack;
    }
    const std::uint64_t index = below(16) == 0 ? below(0x2000) : below(kGdtEnd / 8);
    return static_cast<std::uint16_t>(index << 3 | (below(6) == 0 ? 4 : 0) | below(4));
}

std::uint64_t GuestSource::flags()
{
    return (word() & arch::rflags::kDefined & ~arch::rflags::kVirtual8086) | arch::rflags::kAlwaysOne;
}

void GuestSource::choose_features()
{
    features_.protection_keys = coin();
    features_.pcid = coin();
    features_.invpcid = coin();
    features_.xsave = coin();
    features_.monitor = coin();
    features_.virtual_interrupts = coin();
    features_.extended_state |= coin() ? arch::xcr0::kAvx : 0;
}

void GuestSource::damage_descriptors(ModelGuest& guest)
{
    for (std::uint64_t changes = below(12); changes != 0; --changes) {
        const bool global = below(4) != 0;
        const std::uint64_t at =
            global ? ModelGuest::kGdt + below(kGdtEnd / 8) * 8 : ModelGuest::kLdt + below(kLdtEnd / 8) * 8;
        // A whole word now and then; else a descriptor that makes sense, with any type, DPL, P, L and D.
        guest.set_word(at, below(4) == 0 ? word()
                                         : (0x008f'0000'0000'ffff ^ (word() & 0x0060'7f00'0000'0000)) |
                                               (below(8) == 0 ? 0 : SegmentDescriptor::kPresent));
        if (coin()) { // the upper half of a system descriptor, or of a call gate into the kernel's half
            guest.set_word(at + 8, coin() ? address() >> 32 : 0);
        }
    }
}

void GuestSource::damage_gates(ModelGuest& guest)
{
    for (std::uint64_t changes = below(8); changes != 0; --changes) {
        const auto vector = static_cast<unsigned>(coin() ? below(32) : below(256));
        auto gate =
            arch::IdtGate::interrupt(address(), selector(), static_cast<unsigned>(below(8)), arch::Ring::Kernel);
        gate.low ^= arch::IdtGate::kDpl.put(below(4)) | (below(4) == 0 ? arch::IdtGate::kType.put(below(32)) : 0) |
                    (below(8) == 0 ? arch::IdtGate::kPresent : 0);
        guest.set_gate(vector, gate);
    }
}

void GuestSource::damage_pages(ModelGuest& guest)
{
    for (std::uint64_t changes = below(6); changes != 0; --changes) {
        const std::uint64_t table = below(6) == 0 ? ModelGuest::kPml4 + 0x1000 * below(3) : ModelGuest::kTable;
        const std::uint64_t at = table + 8 * (table == ModelGuest::kTable ? below(ModelGuest::kRamBytes / 4096) : 0);
        constexpr std::uint64_t kFlags = 0xf800'0000'0000'01ff;
        guest.set_word(at, below(8) == 0 ? word() : guest.word(at) ^ (word() & word() & kFlags));
    }
}

void GuestSource::damage_tss(ModelGuest& guest)
{
    for (std::uint64_t changes = below(4); changes != 0; --changes) {
        guest.set_tss_stack(4 + 8 * below(11), address());
    }
    guest.set_word(ModelGuest::kTss + 96, below(0x2000) << 48);
    guest.set_word(ModelGuest::kTss + 104, word());
}

void GuestSource::choose_segments(const ModelGuest& guest, CpuState& state)
{
    const Mode mode = kModes[below(kModes.size())];
    state.cpl = mode.code & 3;
    state.cs = guest.loaded(mode.code);
    state.ss = mode.stack == 0 ? SegmentRegister{} : guest.loaded(mode.stack);
    for (SegmentRegister* const segment : {&state.ds, &state.es, &state.fs, &state.gs}) {
        constexpr std::array<std::uint16_t, 3> kData{ModelGuest::kUserData, ModelGuest::kKernelData, kConforming};
        const std::uint64_t choice = below(4);
        *segment = choice == 3 ? SegmentRegister{} : guest.loaded(kData[choice]);
    }
    state.fs.base = canonical_address();
    state.gs.base = canonical_address();
    if (coin()) {
        state.ldtr = {kLdtDescriptor, ModelGuest::kLdt, kLdtEnd - 1, 0x8200};
    }
}

void GuestSource::choose_registers(CpuState& state)
{
    state.rip = canonical_address();
    for (const Gpr reg : {Gpr::Rsp, Gpr::Rcx, Gpr::R11, Gpr::Rbx}) {
        state[reg] = address();
    }
    state[Gpr::R11] = coin() ? flags() : word();
    state.rflags = flags();
    state.kernel_gs_base = canonical_address();
    state.star = coin() ? state.star : word();
    state.lstar = canonical_address();
    state.cstar = canonical_address();
    state.fmask = word() & 0xffff'ffff;
    state.cr2 = word();
    state.cr8 = below(16);
    state.cr0 ^= word() & 0x4005'002e;
    state.cr4 = (word() & supported_cr4(features_)) | arch::cr4::kPhysicalAddressExtension;
    state.efer ^= word() & (arch::efer::kSyscallEnable | arch::efer::kNoExecuteEnable);
    state.pkru = static_cast<std::uint32_t>(word());
    for (std::uint64_t* const reg : {&state.dr0, &state.dr1, &state.dr2, &state.dr3}) {
        *reg = address();
    }
    state.dr6 = (word() & arch::dr6::kWritable) | arch::dr6::kAlwaysOne;
    state.dr7 = (word() & arch::dr7::kWritable) | arch::dr7::kAlwaysOne;
    state.mov_ss_shadow = below(8) == 0;
    state.interrupt_shadow = state.mov_ss_shadow || below(8) == 0;
    state.nmi_blocked = below(4) == 0;
    constexpr std::array<std::uint16_t, 3> kIdtLimits{0xfff, 0x1ff, 0x7f};
    constexpr std::array<std::uint16_t, 3> kGdtLimits{kGdtEnd - 1, ModelGuest::kGdtLimit, 0x1f};
    state.idtr.limit = kIdtLimits[below(8) < 6 ? 0 : below(3)];
    state.gdtr.limit = kGdtLimits[below(8) < 6 ? 0 : below(3)];
    state.tr.limit = below(8) == 0 ? 0x2067u : below(8) == 0 ? static_cast<std::uint32_t>(below(0x70)) : state.tr.limit;
}

CpuState GuestSource::choose_state(ModelGuest& guest)
{
    // Descriptor caches keep what was loaded, whatever the tables say now.
    guest = intact_guest();
    CpuState state = guest.ring_0();
    choose_features();
    choose_segments(guest, state);
    damage_descriptors(guest);
    damage_gates(guest);
    damage_pages(guest);
    damage_tss(guest);
    choose_registers(state);
    if (!state.in_64_bit_mode()) {
        state.rip &= 0xffff'ffff;
    }
    if (state.cpl == 0 && !state.cs.long_code() && coin()) { // on the way to long mode, or out of it
        state.cr0 &= ~arch::cr0::kPaging;
        state.cr4 &= ~(arch::cr4::kPcid | (coin() ? arch::cr4::kPhysicalAddressExtension : 0));
        state.efer &= ~(arch::efer::kLongModeActive | (coin() ? arch::efer::kLongModeEnable : 0));
        state.rip &= 0xffff'ffff;
    }
    return state;
}

void GuestSource::fill_stack(ModelGuest& guest, const CpuState& state, Frame frame)
{
    const std::uint64_t rsp = state[Gpr::Rsp];
    constexpr std::size_t kWords = 5;
    if (rsp > ModelGuest::kRamBytes - 8 * kWords) {
        return;
    }
    constexpr std::array<std::uint64_t, 3> kSizes{2, 4, 8};
    const std::uint64_t size = kSizes[below(8) == 0 ? below(3) : 2];
    const Mode mode = kModes[below(kModes.size())];
    std::array<std::uint64_t, kWords> words{address(), mode.code, flags(), address(), mode.stack};
    if (frame == Frame::FarReturn) {
        words = {words[0], words[1], words[3], words[4], words[2]};
    }
    if (below(4) == 0) {
        words[below(kWords)] = coin() ? selector() : word();
    }
    std::byte* const stack = guest.memory().at(arch::PhysAddr{rsp}, 8 * kWords);
    for (std::size_t i = 0; i != kWords; ++i) {
        std::memcpy(stack + i * size, &words[i], size);
    }
}

} // namespace fuzz
