// SPDX-License-Identifier: MIT
#include "shell/variables.h"

#include <stdlib.h>

namespace shell {

using posix::View;

size_t Variables::bucket(View name)
{
    size_t hash = 5381;
    for (const char c : name) {
        hash = hash * 33 + static_cast<unsigned char>(c);
    }
    return hash % kBuckets;
}

Variable* Variables::lookup(View name)
{
    for (Variable& variable : buckets_[bucket(name)]) {
        if (variable.name == name) {
            return &variable;
        }
    }
    return nullptr;
}

const Variable* Variables::find(View name) const
{
    return const_cast<Variables*>(this)->lookup(name);
}

View Variables::value(View name) const
{
    const Variable* const variable = find(name);
    return variable == nullptr ? View{} : variable->value.view();
}

Variable& Variables::declare(View name)
{
    if (Variable* const known = lookup(name)) {
        return *known;
    }
    auto& chain = buckets_[bucket(name)];
    Variable variable;
    variable.name.assign(name);
    chain.append(posix::move(variable));
    return chain.back();
}

bool Variables::set(View name, View value)
{
    Variable& variable = declare(name);
    if (variable.readonly) {
        return false;
    }
    variable.value.assign(value);
    variable.set = true;
    variable.exported = variable.exported || export_all;
    return true;
}

bool Variables::unset(View name)
{
    auto& chain = buckets_[bucket(name)];
    for (size_t i = 0; i < chain.size(); ++i) {
        if (chain[i].name == name) {
            if (chain[i].readonly) {
                return false;
            }
            chain.remove(i);
            break;
        }
    }
    return true;
}

void Variables::restore(View name, Variable* before)
{
    auto& chain = buckets_[bucket(name)];
    for (size_t i = 0; i < chain.size(); ++i) {
        if (chain[i].name == name) {
            chain.remove(i);
            break;
        }
    }
    if (before != nullptr) {
        chain.append(posix::move(*before));
    }
}

void Variables::import(char** environment)
{
    for (; *environment != nullptr; ++environment) {
        const View text{*environment};
        const size_t equals = text.find('=');
        if (equals != posix::kNowhere && posix::is_name(text.first(equals))) {
            set(text.first(equals), text.from(equals + 1));
            declare(text.first(equals)).exported = true;
        }
    }
}

posix::Vector<const Variable*> Variables::sorted() const
{
    posix::Vector<const Variable*> all;
    for (const auto& chain : buckets_) {
        for (const Variable& variable : chain) {
            all.append(&variable);
        }
    }
    if (!all.empty()) {
        qsort(static_cast<void*>(all.data()), all.size(), sizeof(void*), [](const void* a, const void* b) {
            return strcmp((*static_cast<const Variable* const*>(a))->name.c_str(),
                          (*static_cast<const Variable* const*>(b))->name.c_str());
        });
    }
    return all;
}

char** Variables::environment()
{
    environment_text_.clear();
    environment_.clear();
    for (const Variable* const variable : sorted()) {
        if (variable->exported && variable->set) {
            posix::String text{variable->name.view()};
            text.append('=').append(variable->value);
            environment_text_.append(posix::move(text));
        }
    }
    for (posix::String& text : environment_text_) {
        environment_.append(text.data());
    }
    environment_.append(nullptr);
    return environment_.data();
}

} // namespace shell
