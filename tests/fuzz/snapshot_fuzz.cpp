// SPDX-License-Identifier: MIT
// Any bytes as a snapshot file: refused, or a machine runs from it.  Two thirds of the inputs are changes to a good
// file, half of them with hashes that are right again, so that what reads the sections is reached.
#include "machine/snapshot_file.h"
#include "support/machine_guest.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

namespace {

using namespace ringcheck;
using support::MachineGuest;

// Interrupts, ports, the FPU and a loop: some of everything goes on while it is saved.
GUEST_CODE(some_work, R"(
    fninit
    mov   $0x34, %al
    out   %al, $0x43
    mov   $9, %al
    out   %al, $0x40
    out   %al, $0x40
1:  fld1
    fstpl 0x38000
    in    $0x40, %al
    out   %al, $0xe9
    inc   %rbx
    push  %rbx
    pop   %rcx
    jmp   1b
)");

/// The machine that everything is put into, and a good file of it.
struct Subject {
    Subject()
    {
        guest.place(MachineGuest::kKernelText, some_work);
        model::CpuState state = guest.ring_0();
        state.cr4 |= arch::cr4::kOsFxsr;
        guest.load(state);
        guest.machine->run({.instructions = 5000});
        guest.machine->snapshot().value().save_to(good);
    }
    MachineGuest guest{{.ram_bytes = 8u << 20}};
    SnapshotFile good;
};

class Input {
public:
    explicit Input(std::span<const std::uint8_t> bytes) : rest_(bytes) {}
    bool empty() const { return rest_.empty(); }
    std::size_t byte() { return take(1).empty() ? 0 : last_; }
    std::span<const std::uint8_t> take(std::size_t count)
    {
        const auto taken = rest_.first(std::min(count, rest_.size()));
        rest_ = rest_.subspan(taken.size());
        last_ = taken.empty() ? 0 : taken.back();
        return taken;
    }

private:
    std::span<const std::uint8_t> rest_;
    std::uint8_t last_ = 0;
};

/// One change at a place that the input names.
void change(std::vector<std::byte>& bytes, Input& input)
{
    const std::size_t high = input.byte(), at = high << 8 | input.byte();
    const auto with = std::as_bytes(input.take(1 + input.byte() % 16));
    for (std::size_t i = 0; i < with.size() && !bytes.empty(); ++i) {
        bytes[(at + i) % bytes.size()] = with[i];
    }
}

std::vector<std::byte> file_of(const SnapshotFile& good, Input input)
{
    switch (input.byte() % 3) {
    case 0: {
        const auto bytes = std::as_bytes(input.take(SIZE_MAX));
        return {bytes.begin(), bytes.end()};
    }
    case 1: {
        std::vector<std::byte> file = good.encode();
        while (!input.empty()) {
            change(file, input);
        }
        return file;
    }
    default: {
        std::vector<SnapshotSection> sections = good.sections();
        while (!input.empty()) {
            std::vector<std::byte>& bytes = sections[input.byte() % sections.size()].bytes;
            const std::size_t how = input.byte();
            if (how == 0) {
                bytes.resize(bytes.size() / 2);
            } else if (how == 1) {
                bytes.push_back(std::byte{0});
            } else {
                change(bytes, input);
            }
        }
        SnapshotFile file;
        for (SnapshotSection& section : sections) {
            file.add(std::move(section.name), std::move(section.bytes));
        }
        return file.encode();
    }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static Subject subject;
    const auto file = SnapshotFile::decode(file_of(subject.good, Input({data, size})));
    if (!file) {
        return 0;
    }
    const auto snapshot = Snapshot::load_from(*file);
    if (!snapshot || !subject.guest.machine->restore(*snapshot)) {
        return 0;
    }
    Machine& machine = *subject.guest.machine;
    subject.guest.log = {};
    machine.run({.instructions = machine.instruction_count() + 500, .idle_nanoseconds = 10'000'000});
    // What was saved can be saved again.
    SnapshotFile again;
    machine.snapshot().value().save_to(again);
    if (!SnapshotFile::decode(again.encode())) {
        std::abort();
    }
    return 0;
}
