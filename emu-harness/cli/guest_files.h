// SPDX-License-Identifier: GPL-2.0-or-later
// The files that a guest consists of.
#pragma once

#include "cli/guest_options.h"
#include "guest/built_in.h"
#include "machine/boot_loader.h"
#include "machine/elf_image.h"
#include "watch/cpio_archive.h"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace ringcheck::cli {

/// The files that describe a guest, read and checked.
struct GuestFiles {
    std::string kernel_path;
    ElfImage kernel;
    std::string initrd_path; ///< "": none
    SharedBytes initrd_bytes;
    CpioArchive initrd; ///< empty when they are no archive
    struct Module {
        SharedBytes bytes;
        std::string text;
    };
    std::vector<Module> modules; ///< further boot modules
    GuestDescription guest;

    /// The error is one line with the file's path.
    static std::expected<GuestFiles, std::string> load(const GuestOptions& options);
    /// What the machine is to load, by `options`.
    BootRequest boot_request(const GuestOptions& options) const;
    /// Why `program` cannot be run, or nullopt.
    std::optional<std::string> refuse_program(const std::string& program) const;
    /// Why `program` cannot be given these arguments, or nullopt.
    std::optional<std::string> refuse_arguments(const std::string& program,
                                                const std::vector<std::string>& arguments) const;
};

} // namespace ringcheck::cli
