// SPDX-License-Identifier: GPL-2.0-or-later
// A type that is no structure has one field, named by the type.
#include "trace/linux_structures.h"

#include <algorithm>
#include <cstring>

namespace ringcheck {
namespace {

using enum FieldKind;

constexpr FieldLayout kTimespec[] = {{"tv_sec", Signed, 0, 8}, {"tv_nsec", Signed, 8, 8}};
constexpr FieldLayout kTimeval[] = {{"tv_sec", Signed, 0, 8}, {"tv_usec", Signed, 8, 8}};
constexpr FieldLayout kTimezone[] = {{"tz_minuteswest", Signed, 0, 4}, {"tz_dsttime", Signed, 4, 4}};
constexpr FieldLayout kSchedParam[] = {{"sched_priority", Signed, 0, 4}};
constexpr FieldLayout kRusage[] = {
    {"ru_utime.tv_sec", Signed, 0, 8},   {"ru_utime.tv_usec", Signed, 8, 8}, {"ru_stime.tv_sec", Signed, 16, 8},
    {"ru_stime.tv_usec", Signed, 24, 8}, {"ru_maxrss", Signed, 32, 8},       {"ru_ixrss", Signed, 40, 8},
    {"ru_idrss", Signed, 48, 8},         {"ru_isrss", Signed, 56, 8},        {"ru_minflt", Signed, 64, 8},
    {"ru_majflt", Signed, 72, 8},        {"ru_nswap", Signed, 80, 8},        {"ru_inblock", Signed, 88, 8},
    {"ru_oublock", Signed, 96, 8},       {"ru_msgsnd", Signed, 104, 8},      {"ru_msgrcv", Signed, 112, 8},
    {"ru_nsignals", Signed, 120, 8},     {"ru_nvcsw", Signed, 128, 8},       {"ru_nivcsw", Signed, 136, 8},
};
constexpr FieldLayout kStat[] = {
    {"st_dev", Unsigned, 0, 8},         {"st_ino", Unsigned, 8, 8},
    {"st_nlink", Unsigned, 16, 8},      {"st_mode", Bits, 24, 4},
    {"st_uid", Unsigned, 28, 4},        {"st_gid", Unsigned, 32, 4},
    {"st_rdev", Bits, 40, 8},           {"st_size", Signed, 48, 8},
    {"st_blksize", Signed, 56, 8},      {"st_blocks", Signed, 64, 8},
    {"st_atim.tv_sec", Signed, 72, 8},  {"st_atim.tv_nsec", Signed, 80, 8},
    {"st_mtim.tv_sec", Signed, 88, 8},  {"st_mtim.tv_nsec", Signed, 96, 8},
    {"st_ctim.tv_sec", Signed, 104, 8}, {"st_ctim.tv_nsec", Signed, 112, 8},
};
constexpr FieldLayout kIovec[] = {{"iov_base", Address, 0, 8}, {"iov_len", Unsigned, 8, 8}};
constexpr FieldLayout kPollfd[] = {{"fd", Signed, 0, 4}, {"events", Bits, 4, 2}, {"revents", Bits, 6, 2}};
constexpr FieldLayout kPipe[] = {{"read_end", Signed, 0, 4}, {"write_end", Signed, 4, 4}};
constexpr FieldLayout kInt[] = {{"int", Signed, 0, 4}};
constexpr FieldLayout kUnsigned[] = {{"unsigned", Unsigned, 0, 4}};
constexpr FieldLayout kLong[] = {{"long", Signed, 0, 8}};
constexpr FieldLayout kPointer[] = {{"pointer", Address, 0, 8}};
constexpr FieldLayout kPid[] = {{"pid", Pid, 0, 4}};
constexpr FieldLayout kWaitStatus[] = {{"wstatus", Bits, 0, 4}};
constexpr FieldLayout kSignalSet[] = {{"sigset", Bits, 0, 8}};
/// As the system call has it; the C library's is another one.
constexpr FieldLayout kSignalAction[] = {
    {"sa_handler", Address, 0, 8}, {"sa_flags", Bits, 8, 8}, {"sa_restorer", Address, 16, 8}, {"sa_mask", Bits, 24, 8}};
constexpr FieldLayout kSignalStack[] = {
    {"ss_sp", Address, 0, 8}, {"ss_flags", Bits, 8, 4}, {"ss_size", Unsigned, 16, 8}};
/// Of a signal that was sent, and of one that tells of a child.
constexpr FieldLayout kSentInfo[] = {{"si_signo", Signed, 0, 4},  {"si_errno", Signed, 4, 4},
                                     {"si_code", Signed, 8, 4},   {"si_pid", Pid, 16, 4},
                                     {"si_uid", Unsigned, 20, 4}, {"si_value", Bits, 24, 8}};
constexpr FieldLayout kChildInfo[] = {{"si_signo", Signed, 0, 4},  {"si_errno", Signed, 4, 4},
                                      {"si_code", Signed, 8, 4},   {"si_pid", Pid, 16, 4},
                                      {"si_uid", Unsigned, 20, 4}, {"si_status", Signed, 24, 4},
                                      {"si_utime", Signed, 32, 8}, {"si_stime", Signed, 40, 8}};
constexpr FieldLayout kRlimit[] = {{"rlim_cur", Unsigned, 0, 8}, {"rlim_max", Unsigned, 8, 8}};
constexpr FieldLayout kItimerval[] = {{"it_interval.tv_sec", Signed, 0, 8},
                                      {"it_interval.tv_usec", Signed, 8, 8},
                                      {"it_value.tv_sec", Signed, 16, 8},
                                      {"it_value.tv_usec", Signed, 24, 8}};
constexpr FieldLayout kTms[] = {{"tms_utime", Signed, 0, 8},
                                {"tms_stime", Signed, 8, 8},
                                {"tms_cutime", Signed, 16, 8},
                                {"tms_cstime", Signed, 24, 8}};

constexpr StructureLayout kLayouts[] = {
    {"timespec", kTimespec, 16},
    {"timeval", kTimeval, 16},
    {"timezone", kTimezone, 8},
    {"sched_param", kSchedParam, 4},
    {"rusage", kRusage, 144},
    {"iovec", kIovec, 16},
    {"stat", kStat, 144},
    {"pollfd", kPollfd, 8},
    {"pipe", kPipe, 8},
    {"int", kInt, 4},
    {"unsigned", kUnsigned, 4},
    {"long", kLong, 8},
    {"pointer", kPointer, 8},
    {"pid", kPid, 4},
    {"wait status", kWaitStatus, 4},
    {"sigset", kSignalSet, 8},
    {"sigaction", kSignalAction, 32},
    {"stack_t", kSignalStack, 24},
    {"siginfo", kSentInfo, 128},
    {"siginfo of a child", kChildInfo, 128},
    {"rlimit", kRlimit, 16},
    {"itimerval", kItimerval, 32},
    {"tms", kTms, 32},
};

/// Each field lies in its structure.
constexpr bool are_whole()
{
    return std::ranges::all_of(kLayouts, [](const StructureLayout& layout) {
        return std::ranges::all_of(layout.fields, [&layout](const FieldLayout& field) {
            return field.offset + field.bytes <= layout.bytes && field.bytes <= sizeof(std::uint64_t);
        });
    });
}
static_assert(are_whole());

} // namespace

std::uint64_t FieldLayout::read(std::span<const std::byte> structure) const
{
    std::uint64_t number = 0;
    std::memcpy(&number, structure.subspan(offset, bytes).data(), bytes);
    const unsigned unused = 64 - 8u * bytes;
    return kind == Signed || kind == Pid
               ? static_cast<std::uint64_t>(static_cast<std::int64_t>(number << unused) >> unused)
               : number;
}

void FieldLayout::write(std::span<std::byte> structure, std::uint64_t number) const
{
    std::memcpy(structure.subspan(offset, bytes).data(), &number, bytes);
}

const StructureLayout* find_layout(const Structure& structure)
{
    const auto* const found = std::ranges::find_if(kLayouts, [&structure](const StructureLayout& layout) {
        return std::ranges::equal(layout.fields, structure.fields, {}, &FieldLayout::name, &StructureField::name);
    });
    return found == std::end(kLayouts) ? nullptr : found;
}

std::span<const StructureLayout> all_layouts()
{
    return kLayouts;
}

} // namespace ringcheck
