// SPDX-License-Identifier: Apache-2.0
// One function a question; explain() asks them all. Pure.
#pragma once

#include <string>

#include "controller/reconcile/explain.hpp"

namespace trueup::reconcile {

Answer explain_running(const Known& known);
Answer explain_differences(const Known& known);
Answer explain_waiting(const Known& known);
// For something: a person, a time, what is going on.
bool is_waiting(const Known& known);
Answer explain_push(const Known& known);
Answer explain_restarts(const Known& known);
Answer explain_rollback(const Known& known);

// What the answers share.
// Another project name waits for a yes; until then the stack runs under the old one.
bool waits_for_new_name(const Known& known);
// What the file names, here or not; of a branch the commit that was read last. "" = not known.
std::string wanted_commit(const Known& known);
std::string short_commit(const std::string& commit);    // "9f3c1e2"
// "1m30s", the two largest units; never negative.
std::string time_between(SystemTime from, SystemTime to);
// "1m30s ago"
std::string ago(SystemTime time, SystemTime now);
// "2 services", "1 service"
std::string count_of(std::size_t number, std::string_view noun);

}    // namespace trueup::reconcile
