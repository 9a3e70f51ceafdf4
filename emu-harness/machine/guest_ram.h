// SPDX-License-Identifier: GPL-2.0-or-later
// The host memory behind guest RAM: zeroed, page-aligned, given back when the machine goes; and images of it.
// Invariant: its address never changes, for the engine knows it.
#pragma once

#include "machine/host_pages.h"
#include "machine/private_pages.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ringcheck {

/// What RAM held at one moment, in a file that only memory backs.
class RamImage {
public:
    /// Zeroes, for RAM of `bytes`.  Fails with one line when the host has no memory for it.
    static std::expected<std::shared_ptr<RamImage>, std::string> create(std::uint64_t bytes);
    ~RamImage();
    RamImage(const RamImage&) = delete;
    RamImage& operator=(const RamImage&) = delete;

    std::span<const std::byte> bytes() const { return {data_, size_}; }
    std::span<std::byte> bytes() { return {data_, size_}; }

private:
    friend class GuestRam;
    RamImage(int file, std::byte* data, std::size_t size) : file_(file), data_(data), size_(size) {}
    int file_;
    std::byte* data_; ///< the file, mapped
    std::size_t size_;
};

class GuestRam {
public:
    /// One page more than asked for is there, so that an instruction's longest possible bytes can be read everywhere.
    static std::expected<GuestRam, std::string> map(std::uint64_t bytes);

    std::span<std::byte> bytes() const { return {pages_.get(), size_}; }

    /// Copies RAM, which from then on shares the image's pages until the guest writes to them.
    std::expected<std::shared_ptr<const RamImage>, std::string> image();
    /// RAM holds again what it held when `image` was made of it: quick for the image it was last equal to.
    std::expected<void, std::string> revert_to(std::shared_ptr<const RamImage> image);

private:
    GuestRam(HostPages pages, std::size_t size) : pages_(std::move(pages)), size_(size) {}
    std::size_t whole_size() const;
    void look_for_written_pages();
    bool give_back_but_kept();

    HostPages pages_;
    std::size_t size_;
    std::shared_ptr<const RamImage> shared_; ///< whose pages RAM has where the guest has not written since
    /// Pages that are written to again and again.  To copy one that is there costs a tenth of what it costs to give it
    /// back and to get another when the guest writes to it.
    std::vector<PageRun> kept_;
    unsigned reverts_ = 0; ///< to `shared_`
};

} // namespace ringcheck
