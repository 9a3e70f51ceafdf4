// SPDX-License-Identifier: GPL-2.0-or-later
// The files that a guest consists of.
#pragma once

#include "cli/guest_options.h"
#include "guest/built_in.h"
#include "machine/boot_loader.h"
#include "machine/elf_image.h"
#include "trace/trace.h"
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
    /// Why the trace's program cannot be given what the trace gives it, or nullopt.
    std::optional<std::string> refuse_start(const Trace& trace) const;
    /// Puts these files into the initrd, in the place of those that have their names.
    void give(const std::vector<GivenFile>& given);
};

} // namespace ringcheck::cli
