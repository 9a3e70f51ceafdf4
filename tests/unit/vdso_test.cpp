// SPDX-License-Identifier: MIT
// The vDSO as programs get it, run here with a time page of the test's own: what its clocks say for a number of ticks,
// and that the kernel is asked for the rest, which is this machine's Linux.
#include "vdso/time_page.h"

#include <gmock/gmock.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <elf.h>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <sys/mman.h>
#include <sys/time.h>
#include <vector>

namespace {

constexpr std::size_t kPage = arch::kPageSize;

std::vector<char> image()
{
    std::ifstream file(AETHEL_VDSO, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class Vdso : public testing::Test {
protected:
    Vdso()
    {
        const std::vector<char> bytes = image();
        auto* const pages =
            static_cast<char*>(mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        if (pages == MAP_FAILED || bytes.empty() || bytes.size() > kPage) {
            throw std::runtime_error("no image of one page at most");
        }
        begin_ = pages + kPage;
        std::memcpy(begin_, bytes.data(), bytes.size());
        mprotect(begin_, kPage, PROT_READ | PROT_EXEC);
        read_symbols();
    }
    ~Vdso() override { munmap(begin_ - kPage, 2 * kPage); }
    Vdso(const Vdso&) = delete;
    Vdso& operator=(const Vdso&) = delete;

    template <typename T> const T* at(std::uint64_t offset) const
    {
        return reinterpret_cast<const T*>(begin_ + offset);
    }
    void set_ticks(std::uint64_t ticks) { std::memcpy(begin_ - kPage, &ticks, sizeof ticks); }
    template <typename Function> Function* function(const std::string& name) const
    {
        return reinterpret_cast<Function*>(begin_ + symbols_.at(name).st_value);
    }

    std::map<std::uint64_t, std::uint64_t> dynamic_;
    std::map<std::string, Elf64_Sym> symbols_;

private:
    void read_symbols()
    {
        const auto& header = *at<Elf64_Ehdr>(0);
        for (unsigned i = 0; i < header.e_phnum; ++i) {
            const auto& part = at<Elf64_Phdr>(header.e_phoff)[i];
            if (part.p_type == PT_DYNAMIC) {
                for (const auto* entry = at<Elf64_Dyn>(part.p_offset); entry->d_tag != DT_NULL; ++entry) {
                    dynamic_[static_cast<std::uint64_t>(entry->d_tag)] = entry->d_un.d_val;
                }
            }
        }
        const std::uint32_t count = at<std::uint32_t>(dynamic_.at(DT_HASH))[1];
        for (std::uint32_t i = 1; i < count; ++i) {
            const auto& symbol = at<Elf64_Sym>(dynamic_.at(DT_SYMTAB))[i];
            symbols_[at<char>(dynamic_.at(DT_STRTAB) + symbol.st_name)] = symbol;
        }
    }

    char* begin_ = nullptr;
};

TEST_F(Vdso, IsOneSegmentThatNothingIsChangedIn)
{
    const auto& header = *at<Elf64_Ehdr>(0);
    EXPECT_EQ(header.e_type, ET_DYN);
    unsigned segments = 0;
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        const auto& part = at<Elf64_Phdr>(header.e_phoff)[i];
        if (part.p_type == PT_LOAD) {
            ++segments;
            EXPECT_EQ(part.p_vaddr, 0u);
            EXPECT_EQ(part.p_offset, 0u);
            EXPECT_EQ(part.p_flags, std::uint32_t{PF_R | PF_X});
            EXPECT_LE(part.p_memsz, kPage);
        }
    }
    EXPECT_EQ(segments, 1u);
    EXPECT_STREQ(at<char>(dynamic_.at(DT_STRTAB) + dynamic_.at(DT_SONAME)), "linux-vdso.so.1");
    EXPECT_TRUE(dynamic_.contains(DT_GNU_HASH));
    for (const int tag : {DT_NEEDED, DT_RELA, DT_REL, DT_JMPREL, DT_INIT, DT_INIT_ARRAY, DT_TEXTREL}) {
        EXPECT_FALSE(dynamic_.contains(static_cast<std::uint64_t>(tag))) << tag;
    }
}

TEST_F(Vdso, HasLinuxsNamesAndNoOther)
{
    std::vector<std::string> names;
    for (const auto& [name, symbol] : symbols_) {
        const bool is_strong = name.starts_with("__vdso_");
        names.push_back(name);
        EXPECT_EQ(ELF64_ST_BIND(symbol.st_info), is_strong ? STB_GLOBAL : STB_WEAK) << name;
        EXPECT_EQ(ELF64_ST_TYPE(symbol.st_info), STT_FUNC) << name;
        EXPECT_EQ(symbol.st_value, symbols_.at(is_strong ? name.substr(7) : "__vdso_" + name).st_value) << name;
    }
    EXPECT_THAT(names, testing::UnorderedElementsAre(
                           "__vdso_clock_gettime", "__vdso_clock_getres", "__vdso_gettimeofday", "__vdso_time",
                           "__vdso_getcpu", "clock_gettime", "clock_getres", "gettimeofday", "time", "getcpu"));
}

TEST_F(Vdso, TellsTheTimeOfThePage)
{
    auto* const gettime = function<int(clockid_t, timespec*)>("__vdso_clock_gettime");
    auto* const day = function<int(timeval*, struct timezone*)>("__vdso_gettimeofday");
    auto* const seconds = function<time_t(time_t*)>("__vdso_time");
    for (const auto& [ticks, second, rest] : {std::tuple{0ul, 0l, 0l},
                                              {999ul, 0l, 999l},
                                              {1'000ul, 1l, 0l},
                                              {1'234'567ul, 1'234l, 567l},
                                              {1ul << 40, 1'099'511'627l, 776l}}) {
        set_ticks(ticks);
        for (const clockid_t clock : {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
                                      CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME}) {
            timespec time{-1, -1};
            EXPECT_EQ(gettime(clock, &time), 0);
            EXPECT_EQ(time.tv_sec, second) << ticks;
            EXPECT_EQ(time.tv_nsec, rest * 1'000'000) << ticks;
        }
        timeval time{-1, -1};
        struct timezone zone{1, 1};
        EXPECT_EQ(day(&time, &zone), 0);
        EXPECT_EQ(time.tv_sec, second);
        EXPECT_EQ(time.tv_usec, rest * 1'000);
        EXPECT_EQ(zone.tz_minuteswest, 0);
        EXPECT_EQ(zone.tz_dsttime, 0);
        time_t stored = -1;
        EXPECT_EQ(seconds(&stored), second);
        EXPECT_EQ(stored, second);
        EXPECT_EQ(seconds(nullptr), second);
    }
    EXPECT_EQ(day(nullptr, nullptr), 0);
}

TEST_F(Vdso, TellsTheResolutionAndTheCpu)
{
    auto* const getres = function<int(clockid_t, timespec*)>("__vdso_clock_getres");
    timespec resolution{-1, -1};
    EXPECT_EQ(getres(CLOCK_MONOTONIC, &resolution), 0);
    EXPECT_EQ(resolution.tv_sec, 0);
    EXPECT_EQ(resolution.tv_nsec, 1'000'000);
    EXPECT_EQ(getres(CLOCK_REALTIME, nullptr), 0);
    auto* const getcpu = function<int(unsigned*, unsigned*, void*)>("__vdso_getcpu");
    unsigned cpu = 1, node = 1;
    EXPECT_EQ(getcpu(&cpu, nullptr, nullptr), 0);
    EXPECT_EQ(getcpu(nullptr, &node, nullptr), 0);
    EXPECT_EQ(cpu + node, 0u);
}

TEST_F(Vdso, AsksTheKernelForOtherClocks)
{
    auto* const gettime = function<int(clockid_t, timespec*)>("__vdso_clock_gettime");
    auto* const getres = function<int(clockid_t, timespec*)>("__vdso_clock_getres");
    timespec used{-1, -1}, resolution{-1, -1};
    EXPECT_EQ(gettime(CLOCK_PROCESS_CPUTIME_ID, &used), 0);
    EXPECT_TRUE(used.tv_sec > 0 || used.tv_nsec > 0);
    EXPECT_EQ(getres(CLOCK_THREAD_CPUTIME_ID, &resolution), 0);
    EXPECT_EQ(resolution.tv_nsec, 1) << "Linux's";
    for (const clockid_t clock : {99, -1}) {
        EXPECT_EQ(gettime(clock, &used), -EINVAL) << clock;
        EXPECT_EQ(getres(clock, &used), -EINVAL) << clock;
    }
}

} // namespace
