// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck describe: a first description of somebody's kernel.
#include "cli/commands.h"
#include "cli/diagnostic.h"
#include "cli/guest_options.h"
#include "guest/description_draft.h"

#include <CLI/CLI.hpp>

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

void add_describe(CLI::App& program, Status& status)
{
    const auto options = std::make_shared<GuestOptions>();
    CLI::App* const command = program.add_subcommand(
        "describe", "Write a first description of a kernel, for --guest: what its ELF file shows, and what to fill in");
    add_kernel_option(*command, *options);
    add_example(*command, "ringcheck describe kernel.elf > kernel.toml");
    command->callback([options, &status] { status = describe(*options); });
}

} // namespace ringcheck::cli
