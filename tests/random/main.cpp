// SPDX-License-Identifier: MIT
// random_attack KERNEL INITRD code|calls SEED CASES [FIRST]: random code, or random system calls, in ring 3 under
// ringcheck. Exit status: 0 the kernel stood it, 1 it did not, 2 the command line is wrong.
#include "random/attacked_kernel.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <ctime>
#include <exception>

namespace {

using namespace random_attack;

struct Plan {
    std::string kernel, initrd;
    bool calls = false;
    std::uint64_t seed = 0, cases = 0, first = 0;
};

bool read_number(const char* text, std::uint64_t& value)
{
    const char* const end = text + std::strlen(text);
    return std::from_chars(text, end, value).ptr == end && end != text;
}

bool read_plan(int argc, char** argv, Plan& plan)
{
    if (argc < 6 || argc > 7) {
        return false;
    }
    plan.kernel = argv[1];
    plan.initrd = argv[2];
    plan.calls = std::strcmp(argv[3], "calls") == 0;
    return (plan.calls || std::strcmp(argv[3], "code") == 0) && read_number(argv[4], plan.seed) &&
           read_number(argv[5], plan.cases) && plan.cases != 0 && (argc == 6 || read_number(argv[6], plan.first));
}

Case make_case(const Plan& plan, std::uint64_t number, const Places& places)
{
    Dice dice = dice_for(plan.seed, number);
    Case one{.number = number, .code = {}, .gpr = {}, .flags = 0};
    for (std::uint64_t& word : one.gpr) {
        word = random_word(dice, places);
    }
    constexpr unsigned kRsp = 4;
    if (plan.calls || !dice.once_in(4)) {
        one.gpr[kRsp] = places.stack;
    }
    constexpr std::uint64_t kUsersFlags = 0x254dd5; // CF PF AF ZF SF TF DF OF NT AC ID
    one.flags = !plan.calls && dice.once_in(4) ? dice.word() & kUsersFlags : 0;
    one.code = plan.calls ? random_calls(dice, places) : random_code(dice, places);
    return one;
}

struct Totals {
    std::uint64_t cases = 0, failed = 0, not_modelled = 0, stopped = 0, asleep = 0, held = 0, calls = 0, faults = 0,
                  instructions = 0;
};

void add(Totals& totals, const CaseEnd& end)
{
    ++totals.cases;
    totals.failed += !end.failure.empty();
    totals.not_modelled += end.not_modelled;
    totals.stopped += end.stopped;
    totals.asleep += end.asleep && !end.held;
    totals.held += end.held;
    totals.calls += end.calls;
    totals.faults += end.faults;
    totals.instructions += end.instructions;
}

void report_failure(const Plan& plan, const Case& one, const CaseEnd& end)
{
    fmt::print("case {} fails: {}\n  code", one.number, end.failure);
    for (const std::uint8_t byte : one.code) {
        fmt::print(" {:02x}", byte);
    }
    fmt::print("\n  repeat: ./aethel attack --random {} {} 1 {}\n", plan.calls ? "calls" : "code", plan.seed,
               one.number);
}

Totals attack(const Plan& plan)
{
    constexpr std::uint64_t kFailuresToShow = 5;
    AttackedKernel kernel(plan.kernel, plan.initrd, ringcheck::model::Vendor::Intel);
    const std::size_t slot = plan.calls ? kCallsBytes : kCodeBytes;
    Totals totals;
    for (std::uint64_t next = plan.first; next != plan.first + plan.cases;) {
        std::vector<Case> batch;
        while (batch.size() != kernel.capacity(slot) - 1 && next != plan.first + plan.cases) { // the last one is UD2s
            batch.push_back(make_case(plan, next++, kernel.places()));
        }
        kernel.place(batch, slot);
        for (std::size_t i = 0; i != batch.size(); ++i) {
            const CaseEnd end = kernel.run(batch[i], i);
            add(totals, end);
            if (!end.failure.empty() && totals.failed <= kFailuresToShow) {
                report_failure(plan, batch[i], end);
            }
        }
    }
    return totals;
}

} // namespace

int main(int argc, char** argv)
{
    Plan plan;
    if (!read_plan(argc, argv, plan)) {
        fmt::print(stderr, "usage: random_attack KERNEL INITRD code|calls SEED CASES [FIRST]\n");
        return 2;
    }
    try {
        const std::clock_t begin = std::clock();
        const Totals totals = attack(plan);
        const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
        fmt::print(
            "random {}, seed {}: {} cases from {} on, {} system calls, {} exceptions in ring 3, {} instructions\n",
            plan.calls ? "calls" : "code", plan.seed, totals.cases, plan.first, totals.calls, totals.faults,
            totals.instructions);
        fmt::print("  {} were stopped while they computed, {} while they waited, {} could not be, {} met what "
                   "ringcheck does not "
                   "model\n",
                   totals.stopped, totals.asleep, totals.held, totals.not_modelled);
        fmt::print("  {} failed; {:.0f} cases and {:.0f} system calls a CPU second\n", totals.failed,
                   static_cast<double>(totals.cases) / seconds, static_cast<double>(totals.calls) / seconds);
        return totals.failed == 0 ? 0 : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "random_attack: {}\n", error.what());
        return 2;
    }
}
