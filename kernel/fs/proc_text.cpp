// SPDX-License-Identifier: MIT
#include "fs/proc_text.h"

#include "fs/file_space.h"
#include "mm/kernel_memory.h"
#include "process/clock.h"
#include "process/harbor.h"
#include "process/loom.h"

namespace kernel {
namespace {

using base::print;
using base::right;
using base::StringView;
using base::Writer;

constexpr std::uint64_t kKibPerPage = arch::kPageSize / 1024;

void print_hundredths(Writer& out, std::uint64_t ticks)
{
    const std::uint64_t rest = clock_ticks(ticks % kTicksPerSecond);
    print(out, ticks / kTicksPerSecond, rest < 10 ? ".0" : ".", rest);
}

void print_uptime(Writer& out, const Vessel&)
{
    print_hundredths(out, loom.now());
    print(out, " ");
    print_hundredths(out, loom.idle_thread().usage.ticks);
    print(out, "\n");
}

void print_meminfo(Writer& out, const Vessel&)
{
    const auto row = [&out](StringView name, std::uint64_t pages) {
        print(out, base::left(name, 16), right(pages * kKibPerPage, 8), " kB\n");
    };
    const std::uint64_t free = frame_allocator.free_frames();
    row("MemTotal:", frame_allocator.total_frames());
    row("MemFree:", free);
    row("MemAvailable:", free);
    row("Buffers:", 0);
    row("Cached:", file_space.pages());
    row("SwapCached:", 0);
    row("SwapTotal:", 0);
    row("SwapFree:", 0);
    row("Shmem:", file_space.pages());
    row("KernelStack:", frame_allocator.used_frames(FrameKind::Stack));
    row("PageTables:", frame_allocator.used_frames(FrameKind::PageTable));
}

void print_mounts(Writer& out, const Vessel&)
{
    print(out, "tmpfs / tmpfs rw,noatime 0 0\nproc /proc proc rw 0 0\n");
}

void print_version(Writer& out, const Vessel&)
{
    print(out, "AethelOS version 1 (x86-64, Linux ABI)\n");
}

void print_loadavg(Writer& out, const Vessel&)
{
    unsigned ready = 0;
    for (unsigned i = 0; i < Loom::kMaximumThreads; ++i) {
        const Thread* const thread = loom.thread(i);
        ready += thread != nullptr && thread->vessel != nullptr &&
                         (thread->state == ThreadState::Ready || thread->state == ThreadState::Running)
                     ? 1
                     : 0;
    }
    print(out, "0.00 0.00 0.00 ", ready, "/", loom.used_slots(), " ", static_cast<std::uint64_t>(loom.current().id),
          "\n");
}

void print_stat(Writer& out, const Vessel&)
{
    const std::uint64_t idle = loom.idle_thread().usage.ticks, busy = loom.now() - idle;
    for (const StringView name : {StringView("cpu "), StringView("cpu0")}) {
        print(out, name, " ", clock_ticks(busy), " 0 0 ", clock_ticks(idle), " 0 0 0 0 0 0\n");
    }
    print(out, "intr 0\nctxt 0\nbtime 0\nprocesses ", harbor.used_slots(), "\nprocs_running 1\nprocs_blocked 0\n");
}

void print_filesystems(Writer& out, const Vessel&)
{
    print(out, "nodev\ttmpfs\nnodev\tproc\n");
}

char state_of(const Vessel& vessel)
{
    if (vessel.state == VesselState::Zombie) {
        return 'Z';
    }
    if (vessel.stopped_by != uapi::Signal{}) {
        return 'T';
    }
    for (const Thread* thread = vessel.threads; thread != nullptr; thread = thread->next_in_vessel) {
        if (thread->state == ThreadState::Ready || thread->state == ThreadState::Running) {
            return 'R';
        }
    }
    return 'S';
}

StringView state_name(char state)
{
    return state == 'Z' ? "zombie" : state == 'T' ? "stopped" : state == 'R' ? "running" : "sleeping";
}

std::uint64_t number_of(VesselId id)
{
    return static_cast<std::uint64_t>(id);
}

std::uint64_t parent_of(const Vessel& vessel)
{
    return vessel.parent != nullptr ? number_of(vessel.parent->id) : 0;
}

/// Bytes of all areas.
std::uint64_t memory_of(const Vessel& vessel)
{
    std::uint64_t bytes = 0;
    for (const Vma& area : vessel.memory.areas()) {
        bytes += area.end - area.begin;
    }
    return bytes;
}

StringView command_of(const Vessel& vessel)
{
    return vessel.command[0] != '\0' ? StringView(vessel.command) : StringView(vessel.name);
}

void print_process_stat(Writer& out, const Vessel& vessel)
{
    const Usage usage = usage_of(vessel);
    const std::uint64_t nice_level = vessel.threads != nullptr ? vessel.threads->nice_level : Loom::kOrdinaryLevel;
    print(out, number_of(vessel.id), " (", command_of(vessel), ") ", state_of(vessel), " ", parent_of(vessel), " ",
          number_of(vessel.group), " ", number_of(vessel.session), " 0 -1 0 ", usage.faults, " 0 0 0 ");
    print(out, clock_ticks(usage.ticks), " 0 0 0 ", nice_level, " ",
          static_cast<std::int64_t>(nice_level) - static_cast<std::int64_t>(Loom::kOrdinaryLevel), " ",
          vessel.thread_count, " 0 0 ", memory_of(vessel), " ", vessel.memory.resident_pages(),
          " 18446744073709551615");
    for (unsigned field = 26; field <= 52; ++field) {
        print(out, " 0");
    }
    print(out, "\n");
}

void print_process_status(Writer& out, const Vessel& vessel)
{
    const char state = state_of(vessel);
    print(out, "Name:\t", command_of(vessel), "\nUmask:\t00", static_cast<char>('0' + vessel.umask / 8 % 8),
          static_cast<char>('0' + vessel.umask % 8), "\nState:\t", state, " (", state_name(state), ")\nTgid:\t",
          number_of(vessel.id), "\nPid:\t", number_of(vessel.id), "\nPPid:\t", parent_of(vessel),
          "\nTracerPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t", DescriptorTable::kMaximum, "\nGroups:\t\n");
    print(out, "VmSize:\t", memory_of(vessel) / 1024, " kB\nVmRSS:\t", vessel.memory.resident_pages() * kKibPerPage,
          " kB\nThreads:\t", vessel.thread_count, "\n");
}

void print_statm(Writer& out, const Vessel& vessel)
{
    print(out, memory_of(vessel) / arch::kPageSize, " ", vessel.memory.resident_pages(), " 0 0 0 0 0\n");
}

void print_command(Writer& out, const Vessel& vessel)
{
    print(out, command_of(vessel), "\n");
}

/// The program's name, as its one word.
void print_command_line(Writer& out, const Vessel& vessel)
{
    if (vessel.state != VesselState::Zombie) {
        print(out, command_of(vessel), '\0');
    }
}

/// An address without the 0x in front.
void print_address(Writer& out, std::uint64_t address)
{
    char digits[16];
    for (unsigned i = 0; i < sizeof digits; ++i) {
        digits[i] = "0123456789abcdef"[address >> (60 - 4 * i) & 0xf];
    }
    constexpr std::size_t kShortest = 8;
    std::size_t first = 0;
    while (first < sizeof digits - kShortest && digits[first] == '0') {
        ++first;
    }
    out.write({digits + first, sizeof digits - first});
}

/// What stands at the end of an area's line.
const char* name_of(const Vma& area)
{
    switch (area.kind) {
    case VmaKind::Stack: return " [stack]";
    case VmaKind::Kernel: return area.never_executed ? " [vvar]" : " [vdso]";
    default: return "";
    }
}

void print_maps(Writer& out, const Vessel& vessel)
{
    for (const Vma& area : vessel.memory.areas()) {
        print_address(out, area.begin.value);
        print(out, "-");
        print_address(out, area.end.value);
        const Protection rights = area.protection;
        print(out, " ", rights.read ? 'r' : '-', rights.write ? 'w' : '-', rights.execute ? 'x' : '-',
              area.shares_frames() ? 's' : 'p', " ");
        print_address(out, area.file_offset);
        const bool of_file = area.file != nullptr && area.kind != VmaKind::Kernel;
        print(out, " 00:0", of_file ? device_id::kTmpfs : 0, " ", of_file ? 1 : 0, name_of(area), "\n");
    }
}

constexpr ProcText kMachine[] = {
    {"filesystems", print_filesystems}, {"loadavg", print_loadavg}, {"meminfo", print_meminfo},
    {"mounts", print_mounts},           {"stat", print_stat},       {"uptime", print_uptime},
    {"version", print_version}};
constexpr ProcText kProcess[] = {{"cmdline", print_command_line}, {"comm", print_command},      {"maps", print_maps},
                                 {"mounts", print_mounts},        {"stat", print_process_stat}, {"statm", print_statm},
                                 {"status", print_process_status}};

} // namespace

base::Span<const ProcText> machine_texts()
{
    return kMachine;
}

base::Span<const ProcText> process_texts()
{
    return kProcess;
}

} // namespace kernel
