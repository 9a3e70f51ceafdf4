// SPDX-License-Identifier: MIT
// conformance_in_ringcheck intel|amd KERNEL: boots the kernel in ringcheck's machine and prints what it sent to COM1.
// Exit status 0 when it ended with its triple fault, 1 when it ended otherwise, 2 when it could not be started.
#include "machine/machine.h"

#include <cstdio>
#include <string_view>

namespace {

/// Where COM1's log ends early, the end of the run says why.
int report(const ringcheck::Machine& machine, const ringcheck::RunEnd& end)
{
    std::fputs(machine.console().c_str(), stdout);
    if (end.kind == ringcheck::EndKind::Shutdown) {
        return 0;
    }
    std::fprintf(stderr, "conformance_in_ringcheck: %s\n", end.text.c_str());
    return 1;
}

} // namespace

int main(int count, char** arguments)
{
    const std::string_view vendor = count == 3 ? arguments[1] : "";
    if (vendor != "intel" && vendor != "amd") {
        std::fputs("usage: conformance_in_ringcheck intel|amd KERNEL\n", stderr);
        return 2;
    }
    using ringcheck::model::Vendor;
    const auto kernel = ringcheck::ElfImage::load(arguments[2]);
    auto machine = ringcheck::Machine::create({.vendor = vendor == "amd" ? Vendor::Amd : Vendor::Intel});
    const auto loaded = !kernel    ? std::expected<void, std::string>(std::unexpected(kernel.error()))
                        : !machine ? std::unexpected(machine.error())
                                   : (*machine)->load_pvh(*kernel, {}, "");
    if (!loaded) {
        std::fprintf(stderr, "conformance_in_ringcheck: %s\n", loaded.error().c_str());
        return 2;
    }
    return report(**machine, (*machine)->run({.instructions = 200'000'000}));
}
