// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain/step.h"
#include "watch/transition_format.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ringcheck {

void StepJson::step(const Step& step, std::string& text)
{
    const auto hex = [](std::uint64_t value) { return fmt::format("{:#x}", value); };
    nlohmann::ordered_json changes = nlohmann::ordered_json::object();
    for (const RegisterChange& change : step.changes) {
        changes[change.name] = hex(change.value);
    }
    const nlohmann::ordered_json json{{"schema", kJsonSchema},
                                      {"type", "step"},
                                      {"count", step.count},
                                      {"cpl", step.before.cpl},
                                      {"program", step.program.name},
                                      {"rip", hex(step.before.rip)},
                                      {"symbol", step.code.at},
                                      {"source", step.code.source},
                                      {"bytes", step.code.bytes},
                                      {"instruction", step.code.text},
                                      {"rsp", hex(step.before[model::Gpr::Rsp])},
                                      {"stack", symbols_.stack(step.before[model::Gpr::Rsp], step.program)},
                                      {"rflags", hex(step.before.rflags)},
                                      {"retired", step.retired},
                                      {"changes", changes}};
    text += json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    text += '\n';
}

void StepJson::row(const LogRow& row, std::string& text)
{
    text += format_json(row, symbols_);
    text += '\n';
}

} // namespace ringcheck
