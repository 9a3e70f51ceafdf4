// SPDX-License-Identifier: MIT
// One instruction back in a boot of 3 M instructions, of 64 MiB, with the checkpoints that a run takes by itself.
#include "bench/measurements.h"
#include "bench/row.h"
#include "machine/checkpoints.h"
#include "machine/elf_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

namespace bench {
namespace {

using namespace ringcheck;

std::vector<std::byte> read_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::vector<std::byte> bytes(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
}

} // namespace

void step_back(Row& row, const Files& files)
{
    constexpr std::uint64_t kCount = 3'000'000;
    constexpr unsigned kRounds = 20;
    const auto kernel = ElfImage::parse(read_file(files.long_boot));
    auto machine = Machine::create({.ram_bytes = 64u << 20});
    if (!kernel || !machine || !(*machine)->load_pvh(*kernel, {}, "")) {
        row.beside = fmt::format("{} cannot be booted", files.long_boot);
        return;
    }
    Checkpoints checkpoints(**machine);
    bool good = true;
    const double forward = seconds([&] { good = checkpoints.run({.instructions = kCount}).has_value(); });
    std::vector<double> back;
    for (unsigned round = 1; round <= kRounds && good; ++round) {
        back.push_back(seconds([&] { good = checkpoints.go_back_to(kCount - round).has_value(); }));
        good = good && (*machine)->instruction_count() == kCount - round;
    }
    if (!good) {
        row.beside = fmt::format("it does not get back from {}", (*machine)->instruction_count());
        return;
    }
    row.value = std::ranges::min(back) * 1e3;
    row.beside = fmt::format("best of {}; the run up to there {:.0f} ms, checkpoints and all", kRounds, forward * 1e3);
}

} // namespace bench
