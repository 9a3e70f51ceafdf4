// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/cpu_option.h"

#include "machine/cpu_feature.h"
#include "machine/machine_config.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringcheck {
namespace {

using model::Features;
using model::Vendor;

/// Features that the engine executes by itself, whatever CPUID says.
constexpr std::string_view kAlways[] = {"fpu",    "tsc",    "msr",     "pae",     "cx8",  "cmov",  "clflush", "mmx",
                                        "fxsr",   "sse",    "sse2",    "pni",     "sse3", "ssse3", "cx16",    "sse4.1",
                                        "sse4.2", "popcnt", "lahf-lm", "pdpe1gb", "lm",   "invtsc"};
/// Features with rings, tables or registers of their own that the engine lacks.
constexpr std::string_view kNever[] = {"vme",      "sep", "mca",  "mtrr",    "vmx", "svm",       "smx",  "xsave",
                                       "xsaveopt", "avx", "avx2", "avx512f", "fma", "f16c",      "la57", "sgx",
                                       "hle",      "rtm", "mpx",  "shstk",   "ibt", "hypervisor"};

const char* name_of(Vendor vendor)
{
    return vendor == Vendor::Amd ? "amd" : "intel";
}

/// One change: a name, and whether it is to be there.
struct Change {
    std::string name;
    bool wanted = false;
};

std::expected<Change, std::string> read_change(std::string_view text)
{
    Change change{.name = std::string(text)};
    if (text.starts_with('+') || text.starts_with('-')) {
        change = {std::string(text.substr(1)), text.front() == '+'};
    } else if (text.ends_with("=on") || text.ends_with("=off")) {
        change = {std::string(text.substr(0, text.rfind('='))), text.ends_with("=on")};
    } else {
        return std::unexpected(
            fmt::format("a feature is asked for as +NAME, -NAME, NAME=on or NAME=off, not as '{}'", text));
    }
    std::ranges::replace(change.name, '_', '-'); // as QEMU does
    return change;
}

std::expected<void, std::string> apply(const Change& change, Features& features)
{
    const auto feature = std::ranges::find(cpu_features(), std::string_view(change.name), &CpuFeature::name);
    if (feature != cpu_features().end()) {
        features.*feature->offered = change.wanted;
        return {};
    }
    const auto among = [&change](const auto& names) {
        return std::ranges::find(names, change.name) != std::end(names);
    };
    const bool always = among(kAlways);
    if (!always && !among(kNever)) {
        return std::unexpected(
            fmt::format("there is no CPU feature '{}'; there are {}", change.name, cpu_feature_names()));
    }
    if (always != change.wanted) {
        return std::unexpected(fmt::format("the engine {} '{}'", always ? "cannot do without" : "has no", change.name));
    }
    return {};
}

} // namespace

std::expected<CpuChoice, std::string> parse_cpu(std::string_view text)
{
    CpuChoice choice;
    std::string_view rest = text.substr(std::min(text.find(','), text.size()));
    const std::string_view vendor = text.substr(0, text.size() - rest.size());
    if (vendor == name_of(Vendor::Amd)) {
        choice.vendor = Vendor::Amd;
    } else if (vendor != name_of(Vendor::Intel)) {
        return std::unexpected(fmt::format("there is no CPU '{}'; there are intel and amd", vendor));
    }
    choice.features = model::default_features(choice.vendor);
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const std::string_view word = rest.substr(0, rest.find(','));
        rest.remove_prefix(word.size());
        const auto change = read_change(word);
        if (!change) {
            return std::unexpected(change.error());
        }
        if (auto applied = apply(*change, choice.features); !applied) {
            return std::unexpected(applied.error());
        }
    }
    const MachineConfig config{.vendor = choice.vendor, .features = choice.features};
    if (auto possible = check(config); !possible) {
        return std::unexpected(possible.error());
    }
    return choice;
}

std::string cpu_option(Vendor vendor, const Features& features)
{
    const Features usual = model::default_features(vendor);
    std::string text = name_of(vendor);
    for (const CpuFeature& feature : cpu_features()) {
        if (features.*feature.offered != usual.*feature.offered) {
            text += fmt::format(",{}{}", features.*feature.offered ? '+' : '-', feature.name);
        }
    }
    return text;
}

std::string cpu_help()
{
    constexpr std::string_view kRow = "{:14}{:7}{:5}{}\n";
    std::string text = fmt::format(kRow, "feature", "intel", "amd", "what comes with it");
    const auto has = [](Vendor vendor, const CpuFeature& feature) {
        return model::default_features(vendor).*feature.offered ? "yes" : "-";
    };
    for (const CpuFeature& feature : cpu_features()) {
        text += fmt::format(kRow, feature.name, has(Vendor::Intel, feature), has(Vendor::Amd, feature), feature.what);
    }
    return text;
}

std::string cpu_feature_names()
{
    std::string names;
    for (const CpuFeature& feature : cpu_features()) {
        names += fmt::format("{}{}", names.empty() ? "" : " ", feature.name);
    }
    return names;
}

} // namespace ringcheck
