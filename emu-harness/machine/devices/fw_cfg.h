// SPDX-License-Identifier: GPL-2.0-or-later
// QEMU's firmware configuration: items that a guest reads by number, byte by byte or by DMA.  What a kernel looks for
// is there: signature, interface, size of RAM, number of CPUs, command line, first boot module, memory map.
// [QEMU "Firmware Configuration (fw_cfg) Device"]
#pragma once

#include "machine/devices/port_device.h"
#include "machine/shared_bytes.h"
#include "model/physical_memory.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace ringcheck {

class FwCfg : public PortDevice {
public:
    static constexpr std::uint16_t kSelector = 0x510, kDma = 0x514; ///< data is at the selector's second port
    static constexpr unsigned kSelectorPorts = 2, kDmaPorts = 8;

    /// Item numbers; under every other one a guest reads zeros.
    enum class Key : std::uint16_t {
        Signature = 0x00,
        Interface = 0x01, ///< bit 0: by ports; bit 1: by DMA
        RamSize = 0x03,
        CpuCount = 0x05,
        InitrdSize = 0x0b,
        MaxCpuCount = 0x0f,
        InitrdData = 0x12,
        CommandLineSize = 0x14,
        CommandLineData = 0x15, ///< with its NUL
        Directory = 0x19,
        MemoryMap = 0x20, ///< the first file, etc/e820
    };

    explicit FwCfg(model::PhysicalMemory memory);

    /// What the kernel is started with.
    void set_command_line(const std::string& text);
    void set_initrd(SharedBytes bytes);

    std::uint8_t read(std::uint16_t port) override;
    void write(std::uint16_t, std::uint8_t) override {} // no item can be written
    /// The selector takes 2 bytes; each half of the DMA address 4, big-endian, the lower one starting the transfer.
    bool write_wide(std::uint16_t port, unsigned bytes, std::uint32_t value) override;

    /// What a snapshot keeps of it (saved_fields.h).  The boot module is not its own, like the kernel's file.
    auto saved_fields(this auto& self)
    {
        return std::tie(self.selected_, self.offset_, self.dma_high_, self.items_.at(Key::CommandLineSize),
                        self.items_.at(Key::CommandLineData));
    }

private:
    std::span<const std::byte> item(Key key) const;
    void select(std::uint16_t key);
    std::byte next();
    void transfer(std::uint64_t request);

    model::PhysicalMemory memory_;
    std::map<Key, std::vector<std::byte>> items_;
    SharedBytes initrd_;
    std::uint16_t selected_ = 0;
    std::uint64_t offset_ = 0; ///< of the next byte in the selected item
    std::uint32_t dma_high_ = 0;
};

} // namespace ringcheck
