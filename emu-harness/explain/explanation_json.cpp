// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain/explanation_text.h"
#include "model/reason.h"
#include "watch/transition_format.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ringcheck {
namespace {

using Json = nlohmann::ordered_json;

std::string hex(std::uint64_t value)
{
    return fmt::format("{:#x}", value);
}

Json to_json(const Exhibit& exhibit)
{
    Json fields = Json::array();
    for (const Field& field : exhibit.fields) {
        fields.push_back({{"name", field.name}, {"value", field.value}, {"decisive", field.decisive}});
    }
    return {{"name", exhibit.name}, {"address", exhibit.where}, {"raw", exhibit.raw}, {"fields", fields}};
}

Json to_json(const Cause& cause)
{
    const model::ReasonText& reason = model::describe(cause.fault.reason);
    Json json{{"event", cause.event}, {"vector", cause.fault.vector}};
    json["error_code"] = cause.fault.error_code ? Json(*cause.fault.error_code) : nullptr;
    json["cr2"] = cause.fault.cr2 ? Json(hex(*cause.fault.cr2)) : nullptr;
    json["doing"] = cause.doing;
    json["reason"] = reason.id;
    json["statement"] = reason.statement;
    json["citation"] = reason.citation;
    json["access"] = cause.access;
    json["looked_at"] = Json::array();
    for (const Exhibit& exhibit : cause.exhibits) {
        json["looked_at"].push_back(to_json(exhibit));
    }
    json["frame"] = Json::array();
    for (const FrameWord& word : cause.frame) {
        json["frame"].push_back({{"name", word.name},
                                 {"address", hex(word.address)},
                                 {"value", hex(word.value)},
                                 {"refused", word.refused}});
    }
    json["remedies"] = Json::array();
    for (const Remedy& remedy : cause.remedies) {
        json["remedies"].push_back({{"change", remedy.text}, {"bits", remedy.bits}});
    }
    json["becomes"] = cause.becomes;
    json["likely"] = cause.likely;
    return json;
}

Json to_json(const KeptValue& kept, const ValueFate& fate)
{
    return {{"value", hex(kept.value)}, {"lost", fate.lost},     {"count", fate.count},
            {"rip", hex(fate.rip)},     {"symbol", fate.symbol}, {"instruction", fate.instruction},
            {"places", fate.places}};
}

const char* to_string(Explanation::Outcome outcome)
{
    switch (outcome) {
    case Explanation::Outcome::Entered: return "entered";
    case Explanation::Outcome::Shutdown: return "shutdown";
    case Explanation::Outcome::Unmodelled: return "unmodelled";
    }
    return "";
}

} // namespace

std::string explanation_json(const Explanation& explanation, const SourceLines& lines)
{
    Json source = Json::array();
    for (const SourceFrame& frame : lines.at(explanation.rip, explanation.cpl, explanation.program)) {
        source.push_back({{"file", frame.file}, {"line", frame.line}, {"function", frame.function}});
    }
    Json chain = Json::array();
    for (const Cause& cause : explanation.chain) {
        chain.push_back(to_json(cause));
    }
    const Json json{{"schema", kJsonSchema},
                    {"type", "explanation"},
                    {"count", explanation.count},
                    {"kind", explanation.kind},
                    {"rip", hex(explanation.rip)},
                    {"cpl", explanation.cpl},
                    {"program", explanation.program.name},
                    {"symbol", explanation.symbol},
                    {"source", source},
                    {"instruction", explanation.instruction},
                    {"stack", explanation.stack},
                    {"chain", chain},
                    {"culprit", explanation.culprit},
                    {"missing_gates", explanation.missing_gates},
                    {"fate", explanation.fate ? to_json(*explanation.kept, *explanation.fate) : Json(nullptr)},
                    {"repeated", explanation.repeated},
                    {"served", explanation.served},
                    {"outcome", to_string(explanation.outcome)},
                    {"entered", explanation.entered}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace ringcheck
