// SPDX-License-Identifier: MIT
// A device that was written out and read in behaves as the one that it was: what it answers, what it tells and when,
// whatever is done to both.  Both kinds of doing are random: what brings it into the state that is written out, and
// what is done then.
#include "arch/exit_ports.h"
#include "arch/msr.h"
#include "machine/clock.h"
#include "machine/console_typist.h"
#include "machine/devices/acpi_ports.h"
#include "machine/devices/cmos.h"
#include "machine/devices/debug_console.h"
#include "machine/devices/exit_ports.h"
#include "machine/devices/fw_cfg.h"
#include "machine/devices/io_apic.h"
#include "machine/devices/local_apic.h"
#include "machine/devices/pic8259.h"
#include "machine/devices/pit8254.h"
#include "machine/devices/uart16550.h"
#include "machine/saved_fields.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace ringcheck;

using Random = std::mt19937_64;

std::uint64_t below(Random& random, std::uint64_t limit)
{
    return random() % limit;
}

/// Bytes that mean something to a device more often than chance has it.
std::uint8_t some_byte(Random& random)
{
    return static_cast<std::uint8_t>(below(random, 2) == 0 ? 1u << below(random, 8) : random());
}

/// What surrounds a device: the time, and a record of everything that it says.
struct Surroundings {
    std::uint64_t now = 1000;
    std::vector<std::uint64_t> said;

    void say(std::uint64_t word) { said.push_back(word); }
    void say(std::optional<std::uint64_t> word) { say(word ? *word + 1 : 0); }
    std::function<std::uint64_t()> clock()
    {
        return [this] { return now; };
    }
    std::function<void(bool)> line()
    {
        return [this](bool high) { say(high ? 0x101 : 0x100); };
    }
    ReportUnmodelled report()
    {
        return [this](const std::string& what) { say(what.size()); };
    }
};

/// One access to one of the ports first .. first + count - 1.
void access(PortDevice& device, Surroundings& around, Random& random, std::uint16_t first, unsigned count)
{
    const auto port = static_cast<std::uint16_t>(first + below(random, count));
    if (below(random, 3) == 0) {
        around.say(device.read(port));
    } else {
        device.write(port, some_byte(random));
    }
}

// Each of these has a device in its surroundings and does one random thing to it.

struct Pic : Surroundings {
    PicPair device{report()};
    Pic()
    {
        device.tell_ends([this](std::optional<std::uint8_t> vector) { say(vector ? *vector : 0x300); });
    }
    void act(Random& random)
    {
        say(device.ends_owed());
        if (below(random, 2) == 0) {
            access(device, *this, random, below(random, 2) == 0 ? 0x20 : 0xa0, 2);
        } else if (below(random, 3) != 0) {
            const unsigned lines[] = {0, 1, 3, 4, 7, 8, 12, 15};
            device.set_line(lines[below(random, 8)], below(random, 2) != 0);
        } else {
            say(device.interrupt_pending() ? device.acknowledge() : 0x200);
        }
    }
};

struct Pit : Surroundings {
    Pit8254 device{clock(), [this] { say(0x100); }, report()};
    void act(Random& random)
    {
        now += below(random, 3'000'000);
        device.advance();
        access(device, *this, random, 0x40, 4);
        say(device.next_event());
    }
};

struct CmosClock : Surroundings {
    Cmos device{clock(), line(), report()};
    void act(Random& random)
    {
        now += below(random, 300'000'000);
        if (below(random, 3) == 0) {
            device.advance();
        }
        if (below(random, 2) == 0) {
            device.write(Cmos::kIndexPort, static_cast<std::uint8_t>(0x0a + below(random, 4)));
        }
        access(device, *this, random, Cmos::kIndexPort, 2);
        say(device.next_event());
    }
};

struct Uart : Surroundings {
    Uart16550 device{0x3f8, [this](std::uint8_t byte) { say(byte); }, line()};
    void act(Random& random)
    {
        if (below(random, 4) == 0) {
            device.receive(std::string(1 + below(random, 3), static_cast<char>(random())));
        }
        access(device, *this, random, 0x3f8, 8);
    }
};

struct Acpi : Surroundings {
    AcpiPorts device{clock()};
    void act(Random& random)
    {
        now += below(random, 1'000'000);
        access(device, *this, random, below(random, 2) == 0 ? AcpiPorts::kPm1Event : AcpiPorts::kPmTimer, 4);
    }
};

struct Exit : Surroundings {
    ExitPorts device;
    void act(Random& random)
    {
        const std::uint16_t ports[] = {arch::exit_ports::kDebugExit, arch::exit_ports::kBochsPowerOff,
                                       arch::exit_ports::kKeyboardCommand, 0x92, 0xcf9};
        if (below(random, 2) == 0) {
            device.write(ports[below(random, 5)], some_byte(random));
        } else {
            device.write_wide(ports[below(random, 2)], 4, static_cast<std::uint32_t>(random()));
        }
        if (device.request()) {
            say(static_cast<std::uint64_t>(device.request()->wish));
            say(device.request()->value);
            if (below(random, 2) == 0) {
                device.clear();
            }
        }
    }
};

struct Debug : Surroundings {
    DebugConsole device;
    void act(Random& random)
    {
        device.write(0xe9, some_byte(random));
        say(std::hash<std::string>{}(device.text()));
    }
};

struct Post : Surroundings {
    PostPort device;
    void act(Random& random) { access(device, *this, random, PostPort::kPort, 1); }
};

struct Io : Surroundings {
    IoApic device{[this](std::uint8_t destination, bool logical, const ApicMessage& message) {
                      say(std::uint64_t{destination} << 32 | std::uint64_t{message.vector} << 16 |
                          static_cast<std::uint64_t>(message.delivery) << 8 | (message.level ? 2 : 0) |
                          (logical ? 1 : 0));
                  },
                  report()};
    void act(Random& random)
    {
        const auto line = static_cast<unsigned>(below(random, arch::io_apic::kLines));
        switch (below(random, 5)) {
        case 0: device.write(arch::io_apic::kIndex, 4, below(random, 0x40)); break;
        case 1: device.write(arch::io_apic::kWindow, 4, random() & 0xfffe'ffff); break;
        case 2: say(device.read(below(random, 2) == 0 ? arch::io_apic::kIndex : arch::io_apic::kWindow, 4)); break;
        case 3: device.set_line(line, below(random, 2) != 0); break;
        default: device.end_of_interrupt(static_cast<std::uint8_t>(random())); break;
        }
    }
};

struct Local : Surroundings {
    LocalApic device{
        {.x2apic = true, .tsc_deadline = true}, clock(), [this](std::uint8_t vector) { say(vector); }, report()};

    void change_mode(Random& random)
    {
        using namespace arch::local_apic;
        const std::uint64_t modes[] = {0, base::kEnable, base::kEnable, base::kEnable | base::kX2Apic};
        say(device.write_msr(static_cast<std::uint32_t>(arch::Msr::IA32_APIC_BASE),
                             kDefaultBase | modes[below(random, 4)]));
    }
    void write_register(Random& random)
    {
        using arch::local_apic::Register;
        const Register registers[] = {Register::Id,
                                      Register::TaskPriority,
                                      Register::EndOfInterrupt,
                                      Register::LogicalDestination,
                                      Register::DestinationFormat,
                                      Register::SpuriousVector,
                                      Register::ErrorStatus,
                                      Register::CommandLow,
                                      Register::CommandHigh,
                                      Register::LvtTimer,
                                      Register::LvtThermal,
                                      Register::LvtPerformance,
                                      Register::LvtLint0,
                                      Register::LvtLint1,
                                      Register::LvtError,
                                      Register::InitialCount,
                                      Register::DivideConfiguration};
        const auto which = static_cast<std::uint32_t>(registers[below(random, std::size(registers))]);
        std::uint64_t value = random() & 0xffff'ffff;
        if (which == static_cast<std::uint32_t>(Register::SpuriousVector)) {
            value |= 0x100; // or everything is masked most of the time
        } else if (which == static_cast<std::uint32_t>(Register::TaskPriority)) {
            value &= 0x3f;
        } else if (which == static_cast<std::uint32_t>(Register::LvtTimer)) {
            value &= 0x6'00ff;
        }
        if (device.x2apic()) {
            say(device.write_msr(0x800 + which / 16, value));
        } else {
            device.write(which, 4, value);
        }
    }
    void act(Random& random)
    {
        now += below(random, 1u << 20);
        device.advance();
        say(device.next_event());
        switch (below(random, 8)) {
        case 0:
            if (below(random, 20) == 0) {
                change_mode(random);
            }
            break;
        case 1: say(device.write_msr(arch::local_apic::kTscDeadline, now + below(random, 1u << 22))); break;
        case 2:
            device.receive(
                {static_cast<arch::local_apic::Delivery>(below(random, 8)), some_byte(random), below(random, 2) != 0});
            break;
        case 3: {
            const auto vector = device.deliverable();
            say(vector);
            if (vector) {
                device.take(*vector);
            }
            break;
        }
        case 4:
            say(std::uint64_t{device.init_pending()} << 2 | std::uint64_t{device.nmi_pending()} << 1 |
                std::uint64_t{device.external_interrupt_requested()});
            if (below(random, 2) == 0) {
                device.take_init();
                device.take_nmi();
                device.take_external_interrupt();
            }
            break;
        case 5: {
            const auto offset = static_cast<std::uint32_t>(below(random, 0x40) * 16);
            say(device.x2apic() ? device.read_msr(0x800 + offset / 16)
                                : std::optional<std::uint64_t>(device.read(offset, 4)));
            say(device.accepts(some_byte(random), below(random, 2) != 0));
            break;
        }
        default: write_register(random); break;
        }
    }
};

struct Firmware : Surroundings {
    std::vector<std::byte> ram = std::vector<std::byte>(2u << 20);
    FwCfg device{model::PhysicalMemory{ram}};

    /// Asks by DMA for some of the selected item to be skipped.
    void skip(std::uint32_t bytes)
    {
        constexpr std::uint32_t kRequest = 0x1000, kSkip = 4;
        const std::uint32_t request[] = {std::byteswap(kSkip), std::byteswap(bytes), 0, 0};
        std::memcpy(ram.data() + kRequest, request, sizeof request);
        device.write_wide(FwCfg::kDma + 4, 4, std::byteswap(kRequest));
        std::uint32_t control = 0;
        std::memcpy(&control, ram.data() + kRequest, sizeof control);
        say(control);
    }
    void act(Random& random)
    {
        constexpr std::uint16_t kKeys[] = {0x00, 0x14, 0x15, 0x19, 0x20};
        switch (below(random, 6)) {
        case 0: device.write_wide(FwCfg::kSelector, 2, kKeys[below(random, std::size(kKeys))]); break;
        case 1: device.write_wide(FwCfg::kDma, 4, std::byteswap(static_cast<std::uint32_t>(below(random, 2)))); break;
        case 2: skip(static_cast<std::uint32_t>(below(random, 3))); break;
        case 3:
            if (below(random, 50) == 0) {
                device.set_command_line(std::string(below(random, 20), static_cast<char>('a' + below(random, 26))));
            }
            break;
        default: say(device.read(FwCfg::kSelector + 1)); break;
        }
    }
};

struct Typist : Surroundings {
    ConsoleTypist device;
    void act(Random& random)
    {
        if (below(random, 50) == 0) {
            device = ConsoleTypist({below(random, 2) == 0 ? "> " : "$ ", {"one", "two", std::to_string(random())}});
        }
        say(std::hash<std::string>{}(device.after_output(below(random, 2) == 0 ? "> " : "$ ")));
    }
};

struct Time : Surroundings {
    Clock device;
    void act(Random& random)
    {
        device.idle_for(below(random, 1000));
        say(device.now(below(random, 1000)));
    }
};

template <typename Subject> class SavedDevice : public testing::Test {};
using Subjects = testing::Types<Pic, Pit, CmosClock, Uart, Acpi, Exit, Debug, Post, Io, Local, Firmware, Typist, Time>;
TYPED_TEST_SUITE(SavedDevice, Subjects, );

constexpr unsigned kRounds = 60, kDeeds = 400;

/// Brings a device into some state, has `transfer` bring another into the same, and does the same to both.
/// @return  they did the same
template <typename Subject> bool behave_alike(unsigned round, auto transfer)
{
    Random random(round);
    Subject original, revived;
    for (std::uint64_t deeds = below(random, kDeeds); deeds != 0; --deeds) {
        original.act(random);
    }
    revived.now = original.now;
    original.said.clear();
    transfer(original.device, revived.device);
    Random same = random;
    for (unsigned deed = 0; deed < kDeeds && revived.said == original.said; ++deed) {
        original.act(random);
        revived.act(same);
    }
    return revived.said == original.said;
}

TYPED_TEST(SavedDevice, BehavesAsTheOneItWas)
{
    for (unsigned round = 0; round < kRounds; ++round) {
        EXPECT_TRUE(behave_alike<TypeParam>(round,
                                            [](const auto& original, auto& revived) {
                                                EXPECT_TRUE(from_bytes(to_bytes(original), revived));
                                                EXPECT_EQ(to_bytes(revived), to_bytes(original));
                                            }))
            << "round " << round;
    }
}

/// Copies all fields of `from`, and of what it consists of, but the one with the number `left_out`.
/// @return  how many fields there are
template <typename T> int copy_all_but(int left_out, const T& from, T& to, int number = 0)
{
    if constexpr (HasSavedFields<T>) {
        const auto copy = [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            const auto source = fields_of(from);
            auto target = fields_of(to);
            ((number = copy_all_but(left_out, std::get<Index>(source), std::get<Index>(target), number)), ...);
        };
        copy(std::make_index_sequence<std::tuple_size_v<decltype(fields_of(to))>>());
        return number;
    } else {
        if (number != left_out) {
            EXPECT_TRUE(from_bytes(to_bytes(from), to));
        }
        return number + 1;
    }
}

// So a field that saved_fields() forgets would be noticed.
TYPED_TEST(SavedDevice, NeedsEachOfItsFields)
{
    TypeParam one, other;
    const int fields = copy_all_but(-1, one.device, other.device);
    ASSERT_GT(fields, 0);
    for (int left_out = 0; left_out < fields; ++left_out) {
        bool noticed = false;
        for (unsigned round = 0; round < 10 * kRounds && !noticed; ++round) {
            noticed = !behave_alike<TypeParam>(
                round, [left_out](const auto& original, auto& revived) { copy_all_but(left_out, original, revived); });
        }
        EXPECT_TRUE(noticed) << "field " << left_out;
    }
}

// Its bytes are all there is: one less is not enough, one more is too many.
TYPED_TEST(SavedDevice, NeedsItsBytesAndNoOthers)
{
    const TypeParam original;
    TypeParam revived;
    revived.now = original.now;
    std::vector<std::byte> bytes = to_bytes(original.device);
    bytes.push_back(std::byte{0});
    EXPECT_FALSE(from_bytes(bytes, revived.device));
    bytes.resize(bytes.size() - 2);
    EXPECT_FALSE(from_bytes(bytes, revived.device));
}

} // namespace
