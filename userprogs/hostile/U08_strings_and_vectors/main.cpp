// SPDX-License-Identifier: MIT
// Hostile (catalogue U08): strings that end where memory ends or not at all, and lists of pieces that are longer than
// there can be, that wrap, or that lie.  Each is answered at once, and nothing beyond is read or written.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/files.h"
#include "lib/hostile_addresses.h"
#include "lib/linux.h"
#include "lib/memory.h"

namespace {

using uapi::Error;

constexpr std::uint64_t kPage = 4096;

char* end_of_memory = nullptr; ///< nothing is mapped from here on

std::int64_t open_at(const char* path)
{
    return user::open(path);
}

/// `text` with its NUL, or without, as the last bytes of memory.
template <std::size_t N> const char* at_the_end(const char (&text)[N], bool with_nul)
{
    char* const place = end_of_memory - (N - (with_nul ? 0 : 1));
    for (std::size_t i = 0; place + i < end_of_memory; ++i) {
        place[i] = text[i];
    }
    return place;
}

bool strings_end()
{
    const std::int64_t fd = open_at(at_the_end("etc/motd", true));
    if (fd < 0 || user::close(fd) != 0) {
        return false;
    }
    for (char* byte = end_of_memory - kPage; byte < end_of_memory; ++byte) {
        *byte = 'a';
    }
    return open_at(at_the_end("etc/motd", false)) == linux_abi::kBadAddress &&
           open_at(end_of_memory - 256) == linux_abi::kBadAddress &&
           open_at(end_of_memory - (kPage - 1)) == linux_abi::kBadAddress &&
           open_at(end_of_memory - kPage) == linux_abi::error(Error::Enametoolong) &&
           open_at(end_of_memory) == linux_abi::kBadAddress;
}

bool lists_end()
{
    static uapi::IoVector pieces[1024];
    char byte = '.';
    for (uapi::IoVector& piece : pieces) {
        piece = {reinterpret_cast<std::uint64_t>(&byte), 0};
    }
    const auto call = [](const void* list, std::uint64_t count) {
        return user::system_call(uapi::Syscall::Writev, uapi::kStandardOutput, reinterpret_cast<std::uint64_t>(list),
                                 count);
    };
    const std::int64_t invalid = linux_abi::error(Error::Einval);
    bool good = call(pieces, 1024) == 0 && call(pieces, 1025) == invalid && call(pieces, 0x8000'0000) == invalid &&
                call(pieces, ~std::uint64_t{0}) == invalid && call(nullptr, 0) == 0;
    pieces[15].length = ~std::uint64_t{0};
    good = good && call(pieces, 16) == invalid && call(pieces, 15) == 0;
    pieces[15].length = std::uint64_t{1} << 63;
    good = good && call(pieces, 16) == invalid;
    pieces[0].length = 1;
    good = good && call(pieces, 16) == invalid; // nothing has been written before it
    // Two that would wrap together: the first is as long as a call may be, and leaves memory.
    const uapi::IoVector sum[] = {{reinterpret_cast<std::uint64_t>(&byte), ~std::uint64_t{0} >> 1},
                                  {reinterpret_cast<std::uint64_t>(&byte), ~std::uint64_t{0} >> 1}};
    good = good && call(sum, 2) == linux_abi::kBadAddress;
    for (const std::uint64_t bad : hostile::kBad) {
        const uapi::IoVector lies[] = {{bad, 0}, {bad, 1}};
        good = good && call(lies, 1) <= 0 && call(lies, 2) <= 0 &&
               call(reinterpret_cast<const void*>(bad), 1) == linux_abi::kBadAddress;
    }
    // A list that memory ends in.
    return good && call(end_of_memory - sizeof(uapi::IoVector) + 1, 1) == linux_abi::kBadAddress;
}

} // namespace

int main()
{
    const std::int64_t place =
        user::mmap(0, 2 * kPage, uapi::kProtRead | uapi::kProtWrite, uapi::kMapPrivate | uapi::kMapAnonymous);
    if (place < 0 || user::munmap(static_cast<std::uint64_t>(place) + kPage, kPage) != 0) {
        return user::broke("there is no memory to end\n");
    }
    end_of_memory = reinterpret_cast<char*>(place) + kPage;
    if (!strings_end()) {
        return user::broke("a string went on behind its end\n");
    }
    return lists_end() ? user::kSurvived : user::broke("a list went on behind its end\n");
}
