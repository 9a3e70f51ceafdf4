// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/ram_pages.h"

#include "arch/address.h"

#include <cstring>
#include <memory>
#include <new>
#include <zstd.h>

namespace ringcheck {
namespace {

constexpr std::size_t kPagesPerByte = 8;
constexpr int kLevel = 1; // higher ones gain some percent and cost several times as much

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

bool is_zero(std::span<const std::byte> page)
{
    static constexpr std::byte kZero[arch::kPageSize] = {};
    return std::memcmp(page.data(), kZero, arch::kPageSize) == 0;
}

bool bit(std::span<const std::byte> bitmap, std::size_t index)
{
    return (bitmap[index / kPagesPerByte] >> index % kPagesPerByte & std::byte{1}) != std::byte{0};
}

class Compressor {
public:
    Compressor() : context_(ZSTD_createCCtx())
    {
        if (context_ == nullptr) {
            throw std::bad_alloc();
        }
        ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel);
    }
    void put(std::span<const std::byte> bytes, ZSTD_EndDirective directive = ZSTD_e_continue)
    {
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        for (std::size_t left = 1; left != 0 && (directive == ZSTD_e_end || in.pos < in.size);) {
            ZSTD_outBuffer out{piece_.data(), piece_.size(), 0};
            left = ZSTD_compressStream2(context_.get(), &out, &in, directive);
            if (ZSTD_isError(left) != 0) { // only for want of memory: the parameters are ours
                throw std::bad_alloc();
            }
            const auto made = std::span(piece_).first(out.pos);
            result_.insert(result_.end(), made.begin(), made.end());
        }
    }
    std::vector<std::byte> finish()
    {
        put({}, ZSTD_e_end);
        return std::move(result_);
    }

private:
    std::unique_ptr<ZSTD_CCtx, FreeContext> context_;
    std::vector<std::byte> piece_ = std::vector<std::byte>(ZSTD_CStreamOutSize()), result_;
};

class Decompressor {
public:
    explicit Decompressor(std::span<const std::byte> compressed)
        : context_(ZSTD_createDCtx()), in_{compressed.data(), compressed.size(), 0}
    {
        if (context_ == nullptr) {
            throw std::bad_alloc();
        }
    }
    /// Fills `bytes`, unless the frame is broken or ends before.
    bool get(std::span<std::byte> bytes)
    {
        ZSTD_outBuffer out{bytes.data(), bytes.size(), 0};
        while (out.pos < out.size) {
            const std::size_t before = in_.pos + out.pos;
            left_ = ZSTD_decompressStream(context_.get(), &out, &in_);
            if (ZSTD_isError(left_) != 0 || (left_ == 0 && out.pos < out.size) || in_.pos + out.pos == before) {
                return false;
            }
        }
        return true;
    }
    /// The frame has ended, and nothing follows it.
    bool at_end()
    {
        if (left_ != 0) { // what ends a frame need not have been read with its last byte
            ZSTD_outBuffer nothing{nullptr, 0, 0};
            left_ = ZSTD_decompressStream(context_.get(), &nothing, &in_);
        }
        return left_ == 0 && in_.pos == in_.size;
    }

private:
    std::unique_ptr<ZSTD_DCtx, FreeContext> context_;
    ZSTD_inBuffer in_;
    std::size_t left_ = 1; ///< 0: the frame has ended
};

} // namespace

std::vector<std::byte> compress_pages(std::span<const std::byte> ram)
{
    const std::size_t pages = ram.size() / arch::kPageSize;
    std::vector<std::byte> bitmap(pages / kPagesPerByte);
    for (std::size_t page = 0; page < pages; ++page) {
        if (!is_zero(ram.subspan(page * arch::kPageSize, arch::kPageSize))) {
            bitmap[page / kPagesPerByte] |= std::byte{1} << page % kPagesPerByte;
        }
    }
    Compressor compressor;
    compressor.put(bitmap);
    for (std::size_t page = 0; page < pages; ++page) {
        if (bit(bitmap, page)) {
            compressor.put(ram.subspan(page * arch::kPageSize, arch::kPageSize));
        }
    }
    return compressor.finish();
}

bool decompress_pages(std::span<const std::byte> compressed, std::span<std::byte> ram)
{
    const std::size_t pages = ram.size() / arch::kPageSize;
    std::vector<std::byte> bitmap(pages / kPagesPerByte);
    Decompressor decompressor(compressed);
    if (!decompressor.get(bitmap)) {
        return false;
    }
    for (std::size_t page = 0; page < pages; ++page) {
        if (bit(bitmap, page) && !decompressor.get(ram.subspan(page * arch::kPageSize, arch::kPageSize))) {
            return false;
        }
    }
    return decompressor.at_end();
}

} // namespace ringcheck
