// SPDX-License-Identifier: MIT
// A program in a memory of its own that nobody runs in yet: what spawn gives to a new Vessel, and execve to one that
// has a memory already.
#pragma once

#include "layout/process_places.h"
#include "layout/trap_frame.h"
#include "process/initial_stack.h"

namespace kernel {

struct ProgramImage {
    UserMemory memory;
    layout::ProcessPlaces places;
    arch::VirtAddr entry;
    arch::VirtAddr stack; ///< RSP

    /// The frame from which it enters ring 3: every general register zero.
    layout::TrapFrame first_frame() const;
};

struct ProgramFiles {
    PageSource& program;
    PageSource* interpreter = nullptr; ///< that the program names, where there is one
};

/// Loads the ELF in the program's file and in its interpreter's, and makes heap and stack.  Random numbers and
/// addresses are new ones.
/// @param words  the strings; whatever comes of the file is filled in here
/// @return  ENOEXEC: not a program (see plan_elf).  EIO, ELIBBAD: not an interpreter (see plan_interpreter), or one
/// that stands where the program does.  ENOMEM.  E2BIG: too many strings.
base::Result<ProgramImage> make_program_image(const ProgramFiles& files, const InitialStack& words);

} // namespace kernel
