// SPDX-License-Identifier: MIT
// Functions that the kernel calls, and that do nothing, so that a tool which watches from outside can find the moment
// and its facts without knowing any structure of the kernel.  Their names and arguments are stable.
#pragma once

#include "layout/process_places.h"

#include <cstdint>

extern "C" {

/// The kernel goes on, from the next instructions on, at another place than it was linked for.
/// @param distance  how far it is from there; 0: it stays
void landmark_kernel_moves(std::uint64_t distance);

/// A Vessel's first thread is ready to enter ring 3 for the first time.
/// @param id     the process id
/// @param name   NUL-terminated name of the program, as it stands in the initrd
/// @param cr3    physical address of its PML4
/// @param places  where the parts of its memory begin
void landmark_process_started(std::uint64_t id, const char* name, std::uint64_t cr3,
                              const layout::ProcessPlaces* places);

/// A Vessel's first thread is ready to go on in ring 3 where its parent called fork.
/// @param id      the process id
/// @param name    NUL-terminated name of the program that its parent runs
/// @param cr3     physical address of its PML4
/// @param places  where the parts of its memory begin: its parent's places
/// @param parent  the parent's process id
void landmark_process_forked(std::uint64_t id, const char* name, std::uint64_t cr3, const layout::ProcessPlaces* places,
                             std::uint64_t parent);

/// A Vessel's only thread is about to enter ring 3 with another program, in a memory of its own; the old one is gone.
/// @param id     the process id, as before
/// @param name   NUL-terminated name of the program, as it stands in the initrd
/// @param cr3    physical address of the new PML4
/// @param places  where the parts of the new memory begin
void landmark_process_executed(std::uint64_t id, const char* name, std::uint64_t cr3,
                               const layout::ProcessPlaces* places);

/// The running thread makes its call again: what brings it back to ring 3 is no result of it.
void landmark_call_restarts();

/// The running thread goes on in ring 3 with the handler of a signal, and later with where it was.
/// @param signal  its number
/// @param result  what RAX holds then: the result of the call that it was in, if it was in one
/// @param handler  where the handler begins
void landmark_signal_delivered(std::uint64_t signal, std::uint64_t result, std::uint64_t handler);

/// A Vessel has ended; its wait status is final.
/// @param wait_status  as wait(2) encodes it: exit code << 8, or the signal that killed it
void landmark_process_ended(std::uint64_t id, std::uint64_t wait_status);

/// A thread is gone: nothing runs on its kernel stack any more.
/// @param stack_top  first address above the stack
void landmark_thread_ended(std::uint64_t stack_top);

/// The frame at physical address `frame` is handed out: from here on it is somebody's.
void landmark_frame_allocated(std::uint64_t frame);

/// The frame at physical address `frame` was given back: nobody may store to it.
void landmark_frame_freed(std::uint64_t frame);

/// The kernel is about to stop for good because of its own bug; panic_record is filled.
void landmark_panic();
}
