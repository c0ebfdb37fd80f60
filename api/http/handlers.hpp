// SPDX-License-Identifier: Apache-2.0
// One function a route. What each answers:
//   list_stacks        StackList; ?labelSelector=team=shop
//   get_stack          Stack
//   list_stack_events  EventList of the stack, oldest first; ?after=SEQUENCE&limit=100
//   explain_stack      Explanation
//   list_revisions     RevisionList, newest first, with which of its images are still there
//   get_plan           Plan: what differs now, what would be done, and why
//   suspend_stack(s)   body {for, reason}; Status Success. For all stacks, or ?labelSelector=
//   resume_stack(s)    body {}; Status Success
//   confirm_stack      body {token}; Status Success
//   forget_stack       body {}; Status Success
//   reconcile_stack    body {}; Reconciliation; ?wait=30s until it has ended, else 202 at once
#pragma once

#include "api/http/routes.hpp"

namespace trueup::http {

using Answering = boost::asio::awaitable<Response>;

Answering list_stacks(Call call);
Answering get_stack(Call call);
Answering list_stack_events(Call call);
Answering explain_stack(Call call);
Answering list_revisions(Call call);
Answering get_plan(Call call);
Answering list_sources(Call call);
Answering get_source(Call call);
Answering list_events(Call call);

Answering suspend_stack(Call call);
Answering suspend_stacks(Call call);
Answering resume_stack(Call call);
Answering resume_stacks(Call call);
Answering confirm_stack(Call call);
Answering forget_stack(Call call);
Answering reconcile_stack(Call call);

}    // namespace trueup::http
