// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck describe: a first description of somebody's kernel.
#include "cli/commands.h"
#include "cli/diagnostic.h"
#include "cli/guest_options.h"
#include "guest/description_draft.h"

#include <filesystem>
#include <memory>

namespace ringcheck::cli {
namespace {

Status describe(const GuestOptions& options)
{
    const auto kernel = ElfImage::load(options.kernel);
    if (!kernel) {
        return refuse(kernel.error());
    }
    print_out(draft_description(std::filesystem::path(options.kernel).filename().string(), *kernel));
    return kPass;
}

} // namespace

void add_describe(CommandLine& line)
{
    const auto options = std::make_shared<GuestOptions>();
    Command command = line.command(
        "describe", "Write a first description of a kernel, for --guest: what its ELF file shows, and what to fill in");
    add_kernel_option(command, *options);
    command.example("ringcheck describe kernel.elf > kernel.toml");
    command.action([options] { return describe(*options); });
}

} // namespace ringcheck::cli
