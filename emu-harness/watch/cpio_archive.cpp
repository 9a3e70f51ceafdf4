// SPDX-License-Identifier: GPL-2.0-or-later
// An entry is a header of 6 + 13 * 8 ASCII characters, the name with its NUL, padding to 4 bytes, the data, padding to
// 4 bytes.  Each length is checked against what is left before it is used.
#include "watch/cpio_archive.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ringcheck {
namespace {

constexpr std::size_t kMagicLength = 6, kFieldLength = 8, kFields = 13,
                      kHeaderLength = kMagicLength + kFields * kFieldLength;
enum Field : std::size_t { kMode = 1, kLinks = 4, kFileSize = 6, kNameSize = 11 };
constexpr std::string_view kNoNumber = "a header field is not hexadecimal";
constexpr std::uint32_t kModeTypeMask = 0170000, kModeRegular = 0100000;

std::size_t padded(std::size_t length)
{
    return (length + 3) & ~std::size_t{3};
}

std::optional<std::uint32_t> hexadecimal(std::string_view digits)
{
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    return error == std::errc{} && end == digits.data() + digits.size() ? std::optional{value} : std::nullopt;
}

std::string plain_name(std::string_view name)
{
    return std::string(name.substr(name.starts_with("./") ? 2 : name.starts_with('/') ? 1 : 0));
}

} // namespace

void append_file(std::vector<std::byte>& archive, const std::string& name, std::string_view contents)
{
    std::array<std::uint32_t, kFields> fields{};
    fields[kMode] = kModeRegular | 0644;
    fields[kLinks] = 1;
    fields[kFileSize] = static_cast<std::uint32_t>(contents.size());
    fields[kNameSize] = static_cast<std::uint32_t>(name.size() + 1);
    std::string text = "070701";
    for (const std::uint32_t field : fields) {
        text += fmt::format("{:08X}", field);
    }
    text += name;
    text.resize(padded(text.size() + 1));
    text += contents;
    text.resize(padded(text.size()));
    for (const char c : text) {
        archive.push_back(static_cast<std::byte>(c));
    }
}

std::expected<CpioArchive, std::string> CpioArchive::parse(SharedBytes archive)
{
    CpioArchive result;
    result.archive_ = std::move(archive);
    const auto bytes = result.archive_.view();
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    for (std::size_t offset = 0;;) {
        const auto fail = [offset](std::string_view what) {
            return std::unexpected(fmt::format("entry at byte {:#x}: {}", offset, what));
        };
        const std::string_view rest = text.substr(offset);
        if (rest.size() < kHeaderLength) {
            return fail(offset == 0 ? "not a cpio archive: too short" : "the archive ends without its trailer");
        }
        const std::string_view magic = rest.substr(0, kMagicLength);
        if (magic != "070701" && magic != "070702") {
            return fail("not a cpio archive in the newc format (magic 070701)");
        }
        // The other fields, of times and owners, are nobody's here.
        const auto field = [rest](Field number) {
            return hexadecimal(rest.substr(kMagicLength + number * kFieldLength, kFieldLength));
        };
        const auto name_field = field(kNameSize);
        if (!name_field) {
            return fail(kNoNumber);
        }
        const std::size_t name_size = *name_field, data_begin = padded(kHeaderLength + name_size);
        if (name_size == 0 || name_size > rest.size() - kHeaderLength) {
            return fail("its name ends beyond the archive");
        }
        const std::string_view name = rest.substr(kHeaderLength, name_size - 1);
        if (rest[kHeaderLength + name_size - 1] != '\0' || name.find('\0') != std::string_view::npos) {
            return fail("its name is not NUL-terminated");
        }
        if (name == "TRAILER!!!") {
            return result;
        }
        const auto mode = field(kMode), size_field = field(kFileSize);
        if (!mode || !size_field) {
            return fail(kNoNumber);
        }
        const std::size_t file_size = *size_field;
        if (data_begin > rest.size() || file_size > rest.size() - data_begin) {
            return fail(fmt::format("the data of '{}' ends beyond the archive", name));
        }
        if ((*mode & kModeTypeMask) == kModeRegular) {
            // Of two files of one name a kernel finds the first.
            result.files_.try_emplace(plain_name(name), result.archive_.part(offset + data_begin, file_size));
        }
        offset += std::min(padded(data_begin + file_size), rest.size());
    }
}

const SharedBytes* CpioArchive::find(const std::string& name) const
{
    const auto found = files_.find(plain_name(name));
    return found == files_.end() ? nullptr : &found->second;
}

std::vector<std::string> CpioArchive::names() const
{
    std::vector<std::string> names;
    names.reserve(files_.size());
    for (const auto& [name, data] : files_) {
        names.push_back(name);
    }
    return names;
}

} // namespace ringcheck
