// SPDX-License-Identifier: GPL-2.0-or-later
// Which process runs: from the guest's landmarks and the page tables in CR3.
#pragma once

#include "arch/control_registers.h"
#include "guest/program.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace ringcheck {

struct Process {
    std::uint64_t id = 0;
    Program program;
    std::uint64_t table = 0; ///< physical address of its PML4
    bool ended = false;
    std::uint64_t wait_status = 0; ///< valid when ended; as wait(2) encodes it

    /// Gets another program, on other page tables.
    void become(Program its_program, std::uint64_t cr3)
    {
        program = std::move(its_program);
        table = arch::cr3::kTable.get(cr3) << arch::cr3::kTable.low;
    }
    bool operator==(const Process&) const = default;
    auto saved_fields(this auto& self)
    {
        return std::tie(self.id, self.program, self.table, self.ended, self.wait_status);
    }
};

class Processes {
public:
    const Process& started(std::uint64_t id, Program program, std::uint64_t cr3)
    {
        return all_.emplace_back(Process{id, std::move(program), arch::cr3::kTable.get(cr3) << arch::cr3::kTable.low});
    }
    /// The live process with that id, or nullptr.
    Process* find(std::uint64_t id)
    {
        const auto found =
            std::ranges::find_if(all_, [id](const Process& process) { return process.id == id && !process.ended; });
        return found == all_.end() ? nullptr : &*found;
    }
    /// The process that ended, or nullptr when no live one has that id.
    const Process* ended(std::uint64_t id, std::uint64_t wait_status)
    {
        Process* const process = find(id);
        if (process != nullptr) {
            process->ended = true;
            process->wait_status = wait_status;
        }
        return process;
    }
    /// The live process with these page tables, or nullptr.
    const Process* with_cr3(std::uint64_t cr3) const
    {
        const std::uint64_t table = arch::cr3::kTable.get(cr3) << arch::cr3::kTable.low;
        const auto found = std::ranges::find_if(
            all_, [table](const Process& process) { return process.table == table && !process.ended; });
        return found == all_.end() ? nullptr : &*found;
    }
    /// The program of that process; one without a name when there is none.
    const Program& program_with_cr3(std::uint64_t cr3) const
    {
        static const Program none;
        const Process* const process = with_cr3(cr3);
        return process == nullptr ? none : process->program;
    }
    const std::vector<Process>& all() const { return all_; }

    /// What a snapshot keeps of it (machine/saved_fields.h).
    auto saved_fields(this auto& self) { return std::tie(self.all_); }

private:
    std::vector<Process> all_; ///< in the order of their start
};

} // namespace ringcheck
