// SPDX-License-Identifier: MIT
// Known answers: the layouts are those of this machine's own headers.
#include "trace/linux_structures.h"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstring>
#include <ctime>
#include <poll.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/uio.h>

namespace {

using namespace ringcheck;

const StructureLayout* layout_of(std::initializer_list<const char*> names)
{
    Structure structure;
    for (const char* const name : names) {
        structure.fields.push_back({name, Anything{}});
    }
    return find_layout(structure);
}

const FieldLayout* field(std::string_view structure, std::string_view name)
{
    for (const StructureLayout& layout : all_layouts()) {
        for (const FieldLayout& one : layout.fields) {
            if (layout.name == structure && one.name == name) {
                return &one;
            }
        }
    }
    return nullptr;
}

#define EXPECT_FIELD(structure, name)                                                                                  \
    do {                                                                                                               \
        const FieldLayout* const found = field(#structure, #name);                                                     \
        ASSERT_NE(found, nullptr) << #name;                                                                            \
        EXPECT_EQ(found->offset, offsetof(struct structure, name)) << #name;                                           \
    } while (false)

TEST(LinuxStructures, LieAsTheHeadersHaveThem)
{
    EXPECT_FIELD(timespec, tv_nsec);
    EXPECT_FIELD(timeval, tv_usec);
    EXPECT_FIELD(timezone, tz_dsttime);
    EXPECT_FIELD(sched_param, sched_priority);
    EXPECT_FIELD(rusage, ru_utime.tv_usec);
    EXPECT_FIELD(rusage, ru_stime.tv_sec);
    EXPECT_FIELD(rusage, ru_maxrss);
    EXPECT_FIELD(rusage, ru_idrss);
    EXPECT_FIELD(rusage, ru_minflt);
    EXPECT_FIELD(rusage, ru_nsignals);
    EXPECT_FIELD(rusage, ru_nvcsw);
    EXPECT_FIELD(rusage, ru_nivcsw);
    EXPECT_FIELD(stat, st_dev);
    EXPECT_FIELD(stat, st_ino);
    EXPECT_FIELD(stat, st_nlink);
    EXPECT_FIELD(stat, st_mode);
    EXPECT_FIELD(stat, st_uid);
    EXPECT_FIELD(stat, st_gid);
    EXPECT_FIELD(stat, st_rdev);
    EXPECT_FIELD(stat, st_size);
    EXPECT_FIELD(stat, st_blksize);
    EXPECT_FIELD(stat, st_blocks);
    EXPECT_FIELD(stat, st_atim.tv_nsec);
    EXPECT_FIELD(stat, st_mtim.tv_sec);
    EXPECT_FIELD(stat, st_ctim.tv_nsec);
    EXPECT_FIELD(iovec, iov_len);
    EXPECT_FIELD(pollfd, events);
    EXPECT_FIELD(pollfd, revents);
    EXPECT_FIELD(rlimit, rlim_max);
    EXPECT_FIELD(itimerval, it_interval.tv_usec);
    EXPECT_FIELD(itimerval, it_value.tv_sec);
    EXPECT_FIELD(tms, tms_stime);
    EXPECT_FIELD(tms, tms_cstime);
}

TEST(LinuxStructures, HaveTheSizesOfTheHeaders)
{
    EXPECT_EQ(layout_of({"tv_sec", "tv_nsec"})->bytes, sizeof(timespec));
    EXPECT_EQ(layout_of({"tv_sec", "tv_usec"})->bytes, sizeof(timeval));
    EXPECT_EQ(layout_of({"iov_base", "iov_len"})->bytes, sizeof(iovec));
    EXPECT_EQ(layout_of({"fd", "events", "revents"})->bytes, sizeof(pollfd));
    EXPECT_EQ(layout_of({"wstatus"})->bytes, sizeof(int));
    EXPECT_EQ(layout_of({"rlim_cur", "rlim_max"})->bytes, sizeof(rlimit));
    EXPECT_EQ(layout_of({"ss_sp", "ss_flags", "ss_size"})->bytes, sizeof(stack_t));
    EXPECT_EQ(layout_of({"tms_utime", "tms_stime", "tms_cutime", "tms_cstime"})->bytes, sizeof(tms));
    EXPECT_EQ(field("itimerval", "it_value.tv_usec")->offset + sizeof(long), sizeof(itimerval));
    EXPECT_EQ(field("rusage", "ru_nivcsw")->offset + sizeof(long), sizeof(rusage));
}

/// What the headers give by macros.
TEST(LinuxStructures, HaveASignalsFieldsWhereTheHeadersHaveThem)
{
    const auto offset = [](std::string_view structure, std::string_view name) {
        return field(structure, name)->offset;
    };
    EXPECT_EQ(offset("stack_t", "ss_flags"), offsetof(stack_t, ss_flags));
    EXPECT_EQ(offset("stack_t", "ss_size"), offsetof(stack_t, ss_size));
    EXPECT_EQ(offset("siginfo", "si_code"), offsetof(siginfo_t, si_code));
    EXPECT_EQ(offset("siginfo", "si_pid"), offsetof(siginfo_t, si_pid));
    EXPECT_EQ(offset("siginfo", "si_uid"), offsetof(siginfo_t, si_uid));
    EXPECT_EQ(offset("siginfo", "si_value"), offsetof(siginfo_t, si_value));
    EXPECT_EQ(offset("siginfo of a child", "si_status"), offsetof(siginfo_t, si_status));
    EXPECT_EQ(offset("siginfo of a child", "si_stime"), offsetof(siginfo_t, si_stime));
    for (const StructureLayout& layout : all_layouts()) {
        if (layout.name == "siginfo" || layout.name == "siginfo of a child") {
            EXPECT_EQ(layout.bytes, sizeof(siginfo_t));
        }
    }
}

TEST(LinuxStructures, WantAllFieldsInTheirOrder)
{
    EXPECT_EQ(layout_of({"tv_sec"}), nullptr);
    EXPECT_EQ(layout_of({"tv_nsec", "tv_sec"}), nullptr);
    EXPECT_EQ(layout_of({"tv_sec", "tv_nsec", "tv_nsec"}), nullptr);
    EXPECT_EQ(layout_of({"st_mode"}), nullptr);
}

TEST(LinuxStructures, ReadAndWriteNumbersWithTheirSigns)
{
    std::array<std::byte, 8> bytes{};
    field("pollfd", "fd")->write(bytes, ~std::uint64_t{0});
    field("pollfd", "events")->write(bytes, 0xffff'8001);
    EXPECT_EQ(field("pollfd", "fd")->read(bytes), ~std::uint64_t{0});
    EXPECT_EQ(field("pollfd", "events")->read(bytes), 0x8001u);
    EXPECT_EQ(field("pollfd", "revents")->read(bytes), 0u);
    pollfd same{};
    std::memcpy(&same, bytes.data(), sizeof same);
    EXPECT_EQ(same.fd, -1);
    EXPECT_EQ(static_cast<unsigned short>(same.events), 0x8001);
}

} // namespace
