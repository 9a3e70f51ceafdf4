// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain/explanation_text.h"

#include "arch/exception.h"
#include "model/reason.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringcheck {
namespace {

constexpr std::size_t kLabelWidth = 10;

/// Lines of one cause, at its indentation.
class Block {
public:
    Block(std::string& text, std::size_t indent, const Emphasis& emphasis)
        : text_(text), indent_(indent, ' '), emphasis_(emphasis)
    {
    }

    void line(std::string_view label, const std::string& content)
    {
        text_ += fmt::format("{}{:<{}}{}\n", indent_, label, kLabelWidth, content);
    }
    void exhibits(const std::vector<Exhibit>& all);
    void frame(const std::vector<FrameWord>& words);
    void remedies(const std::vector<Remedy>& all);

private:
    std::string describe(const Field& field) const
    {
        const std::string shown = field.name.empty() ? field.value : fmt::format("{}={}", field.name, field.value);
        return field.decisive ? emphasis_("[" + shown + "]") : shown;
    }

    std::string& text_;
    std::string indent_;
    const Emphasis& emphasis_;
};

void Block::exhibits(const std::vector<Exhibit>& all)
{
    std::size_t name_width = kLabelWidth - 1, where_width = 0, raw_width = 0;
    for (const Exhibit& one : all) {
        name_width = std::max(name_width, one.name.size());
        where_width = std::max(where_width, one.where.size());
        raw_width = std::max(raw_width, one.raw.size());
    }
    for (const Exhibit& one : all) {
        std::string fields;
        for (const Field& field : one.fields) {
            fields += (fields.empty() ? "" : " ") + describe(field);
        }
        std::string line = fmt::format("{}{:<{}} ", indent_, one.name, name_width);
        line += where_width == 0 ? "" : fmt::format("{:<{}}  ", one.where, where_width);
        line += fmt::format("{:<{}}  {}", one.raw, raw_width, fields);
        line.erase(line.find_last_not_of(' ') + 1);
        text_ += line + "\n";
    }
}

void Block::frame(const std::vector<FrameWord>& words)
{
    std::string label = "frame";
    std::size_t width = 0;
    for (const FrameWord& word : words) {
        width = std::max(width, fmt::formatted_size("{:#x}", word.address));
    }
    for (const FrameWord& word : words) {
        const std::string refused = word.refused ? "  " + emphasis_("[refused]") : "";
        line(label, fmt::format("{:<{}}  {:<10}  {:#x}{}", fmt::format("{:#x}", word.address), width, word.name,
                                word.value, refused));
        label.clear();
    }
}

void Block::remedies(const std::vector<Remedy>& all)
{
    if (all.empty()) {
        return;
    }
    std::string texts;
    for (const Remedy& remedy : all) {
        texts += (texts.empty() ? "" : ", or ") + remedy.text;
    }
    const int bits = all.front().bits;
    line(bits == 1 ? "one bit" : fmt::format("{} bits", bits), texts + " would have let it pass");
}

/// The exhibits that `before` does not show already; what is left out is named in `repeated`.
std::vector<Exhibit> new_exhibits(const Cause& cause, const Cause* before, std::string& repeated)
{
    std::vector<Exhibit> fresh;
    for (const Exhibit& one : cause.exhibits) {
        const bool shown = before != nullptr && std::ranges::find(before->exhibits, one) != before->exhibits.end();
        if (shown) {
            repeated += (repeated.empty() ? "" : ", ") + one.name;
        } else {
            fresh.push_back(one);
        }
    }
    return fresh;
}

/// @param before  the cause above this one, or nullptr; what is as there is not said again
/// @param served  nothing went wrong: no mistake is named
void add_cause(std::string& text, const Cause& cause, const Cause* before, std::size_t depth, bool served,
               const Emphasis& emphasis)
{
    const std::string arrow = depth == 0 ? "" : std::string(2 * depth - 2, ' ') + "└ ";
    text += fmt::format("  {}{}, {}\n", arrow, cause.event, cause.doing);
    Block block(text, 4 + 2 * depth, emphasis);
    const model::ReasonText& reason = model::describe(cause.fault.reason);
    const bool same_rule = before != nullptr && before->fault.reason == cause.fault.reason;
    if (same_rule) {
        block.line("rule", fmt::format("{}, as above", reason.id));
    } else if (cause.failed()) {
        const std::string citation = *reason.citation == '\0' ? "" : fmt::format(" [{}]", reason.citation);
        block.line("rule", fmt::format("{}: {}{}", reason.id, reason.statement, citation));
    }
    if (!cause.access.empty()) {
        block.line("access", cause.access);
    }
    std::string repeated;
    block.exhibits(new_exhibits(cause, before, repeated));
    if (!repeated.empty()) {
        block.line("as above", repeated);
    }
    block.frame(cause.frame);
    block.remedies(cause.remedies);
    if (!served && !cause.likely.empty() && (before == nullptr || before->likely != cause.likely)) {
        block.line("likely", cause.likely);
    }
    if (!cause.becomes.empty()) {
        block.line("becomes", cause.becomes);
    }
}

/// Where the value went that should have been kept.
void add_fate(Block& block, const KeptValue& kept, const ValueFate& fate, const SourceLines& lines)
{
    if (!fate.lost) {
        std::string places;
        for (const std::string& place : fate.places) {
            places += (places.empty() ? "" : ", ") + place;
        }
        block.line("kept", fmt::format("{:#x} was in {} by then", kept.value, places));
        return;
    }
    const std::vector<SourceFrame> source = lines.at(fate.rip, 0, "");
    const std::string where = source.empty() ? "" : fmt::format(" ({}:{})", source.front().file, source.front().line);
    block.line("lost", fmt::format("instruction {} overwrote the last copy of {:#x}: {} at {:#x} {}{}", fate.count,
                                   kept.value, fate.instruction, fate.rip, fate.symbol, where));
}

/// What is to be looked for first, when the chain is long.
void add_verdict(Block& block, const Explanation& explanation, const SourceLines& lines)
{
    const Cause& culprit = explanation.chain[explanation.culprit];
    if (!culprit.likely.empty()) {
        block.line("mistake", culprit.likely);
    }
    block.remedies(culprit.remedies);
    if (explanation.fate) {
        add_fate(block, *explanation.kept, *explanation.fate, lines);
    }
    std::string gates;
    for (const std::uint8_t& vector : explanation.missing_gates) {
        const std::string name = arch::mnemonic(vector);
        const bool last = &vector == &explanation.missing_gates.back();
        gates += fmt::format("{}{}{}",
                             gates.empty() ? ""
                             : last        ? " and "
                                           : ", ",
                             vector, name.empty() ? "" : " (" + name + ")");
    }
    if (!gates.empty()) {
        block.line("besides", fmt::format("the IDT has no gate for vector {}: with a handler there the kernel could "
                                          "have reported this itself",
                                          gates));
    }
}

} // namespace

std::string explanation_text(const Explanation& explanation, const SourceLines& lines, const Emphasis& emphasis)
{
    std::string text = fmt::format("{} at instruction {}\n", explanation.kind, explanation.count);
    Block block(text, 2, emphasis);
    const std::string number = fmt::format("{:#x}", explanation.rip);
    const std::string symbol = explanation.symbol == number ? "" : fmt::format(" {}", explanation.symbol);
    block.line("at", fmt::format("{}{} in ring {}, stack {}", number, symbol, explanation.cpl, explanation.stack));
    std::string label = "source";
    for (const SourceFrame& frame : lines.at(explanation.rip, explanation.cpl, explanation.program)) {
        const std::string function = frame.function.empty() ? "" : " in " + frame.function;
        block.line(label, fmt::format("{}:{}{}", frame.file, frame.line, function));
        label = "inlined";
    }
    block.line("code", explanation.instruction);
    text += '\n';
    for (std::size_t i = 0; i != explanation.chain.size(); ++i) {
        add_cause(text, explanation.chain[i], i == 0 ? nullptr : &explanation.chain[i - 1], i, explanation.served,
                  emphasis);
    }
    switch (explanation.outcome) {
    case Explanation::Outcome::Entered: block.line("then", explanation.entered); break;
    case Explanation::Outcome::Shutdown:
        block.line("then", "shutdown: nothing can be delivered (a triple fault)");
        break;
    case Explanation::Outcome::Unmodelled: block.line("then", "the model does not know what the CPU does"); break;
    }
    if (explanation.served) {
        block.line("served", "the kernel handled it and went on, as with a page that it maps when it is used first");
    }
    if (explanation.repeated != 0) {
        block.line("again", fmt::format("the same came {} times more, each while the one before was being handled",
                                        explanation.repeated));
    }
    if (explanation.chain.size() > 1) {
        add_verdict(block, explanation, lines);
    }
    return text;
}

} // namespace ringcheck
