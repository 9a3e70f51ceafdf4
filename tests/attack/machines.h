// SPDX-License-Identifier: MIT
// The machines that the kernel is attacked on, each a column of the table.
#pragma once

#include "attack/catalogue.h"
#include "attack/judge.h"

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace attack {

struct Column {
    std::string name;   ///< "qemu-max"
    std::string option; ///< QEMU's CPU model, or the vendor in ringcheck
    bool ringcheck;
};

inline const std::array<Column, 4> kColumns{{{"qemu-max", "max", false},
                                             {"qemu-qemu64", "qemu64", false},
                                             {"ringcheck-intel", "intel", true},
                                             {"ringcheck-amd", "amd", true}}};

struct Files {
    std::filesystem::path aethel;  ///< the driver script
    std::filesystem::path build;   ///< aethelos.elf, initrd.cpio, ringcheck, tests/transition_tests
    std::filesystem::path scratch; ///< a folder for what the machines print
};

/// All attempts in one boot; when the kernel dies of one, the next begin in another boot.
std::vector<Verdict> attack_in_qemu(const Files& files, const Column& column, std::span<const Attempt> attempts);

/// An entry in a boot of its own, with the canary and the rules that look at each crossing.
/// @param entry  has attempts
Verdict attack_in_ringcheck(const Files& files, const Column& column, const Entry& entry);

/// The same without the canary, with the rules that look at each instruction.
/// @param name      of what the machine prints, in `files.scratch`
/// @param attempts  none that is long
Verdict attack_strictly(const Files& files, const Column& column, const std::string& name,
                        std::span<const Attempt> attempts);

/// What became of each of `tests`, run on the CPU of `column`'s vendor.
std::vector<Verdict> run_tests(const Files& files, const Column& column, const std::vector<std::string>& tests);

/// What a script of tests/style/ says of the image.
Verdict run_check(const Files& files, const std::string& script);

} // namespace attack
