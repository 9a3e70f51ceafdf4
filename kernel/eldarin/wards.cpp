// SPDX-License-Identifier: MIT
#include "eldarin/wards.h"

#include "arch/control_registers.h"
#include "cpu/registers.h"
#include "eldarin/ward_table.h"
#include "mm/image_place.h"
#include "mm/kernel_memory.h"
#include "process/address_layout.h"

namespace kernel {
namespace {

struct State {
    bool supported, on;
};

bool cr4_has(std::uint64_t bit)
{
    return (read_cr4() & bit) != 0;
}

#ifdef __SSP_STRONG__
constexpr bool kCanaries = true;
#else
constexpr bool kCanaries = false;
#endif

State state_of(Ward ward, const CpuFeatures& features, EntropySource entropy)
{
    switch (ward) {
    case Ward::WriteProtect: return {true, (read_cr0() & arch::cr0::kWriteProtect) != 0};
    case Ward::NoExecute: return {true, (read_msr(arch::Msr::IA32_EFER) & arch::efer::kNoExecuteEnable) != 0};
    case Ward::Smep: return {features.smep, cr4_has(arch::cr4::kSmep)};
    case Ward::Smap: return {features.smap, cr4_has(arch::cr4::kSmap)};
    case Ward::Umip: return {features.umip, cr4_has(arch::cr4::kUserModeInstructionPrevention)};
    case Ward::Seal: return {true, kernel_data_sealed()};
    case Ward::GuardPages: return {true, static_stacks_guarded()};
    case Ward::StackCanary: return {true, kCanaries};
    case Ward::FsGsBase: return {true, !cr4_has(arch::cr4::kFsGsBase)};
    case Ward::Counters: return {true, !cr4_has(arch::cr4::kPerformanceCounterEnable)};
    case Ward::MachineCheck: return {features.machine_check, cr4_has(arch::cr4::kMachineCheckEnable)};
    case Ward::FloatState: return {features.xsave && features.avx, cr4_has(arch::cr4::kOsXsave)};
    case Ward::Random:
        return {features.rdseed || features.rdrand,
                entropy == EntropySource::Rdseed || entropy == EntropySource::Rdrand};
    case Ward::AddressLayout: return {true, addresses_randomised()};
    case Ward::ImagePlace: return {true, image_distance() != 0};
    }
    return {};
}

} // namespace

void print_wards(base::Writer& out, const CpuFeatures& features, EntropySource entropy)
{
    using base::left;
    const auto row = [&out](base::StringView name, base::StringView supported, base::StringView state,
                            base::StringView meaning, base::StringView test) {
        base::print(out, left(name, 7), left(supported, 10), left(state, 6), left(meaning, 51), test, "\n");
    };
    row("WARD", "SUPPORTED", "STATE", "MEANING", "PROVEN BY");
    for (const WardText& ward : kWards) {
        const State state = state_of(ward.ward, features, entropy);
        row(ward.name, state.supported ? "yes" : "no", state.on ? "on" : "off", ward.meaning, ward.test);
    }
}

} // namespace kernel
