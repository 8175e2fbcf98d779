// SPDX-License-Identifier: Apache-2.0
// What the routes of one listener share: the services, the check of keys, and the way from an I/O thread to
// the pool.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "edge/api/api.h"
#include "edge/api/internal/json_body.h"
#include "edge/api/internal/key_check.h"
#include "edge/api/internal/session_check.h"

namespace huoqi::api {

// Query fields of a route.
using Fields = std::vector<std::string>;
inline const Fields kNoQuery{};

class Desk : public std::enable_shared_from_this<Desk> {
  public:
    explicit Desk(const Services& of)
        : services(of),
          keys(of),
          sessions(of),
          views(of.ledger, of.clock),
          turned_away(of.ledger, of.clock) {}

    // Handlers that run on the pool. 503 when it is full.
    using Work = std::function<http::Response(Desk&, const http::Request&)>;
    using LongWork = std::function<void(Desk&, const http::Request&, http::Reply)>;
    http::Handler on_pool(Work work);
    http::Handler on_pool_long(LongWork work);

    // A program by its key or a person by the session; a request that shows both is refused.
    std::expected<Caller, http::Response> caller(const http::Request& request);
    // The caller, if key or session is good and a role may do this. A refusal is recorded before it is told.
    // What is done to a waybill is judged for a person waybill by waybill later on; everything else here,
    // with `subject` as the organisation that is acted upon (a person's own when empty).
    std::expected<Caller, http::Response> admit(const http::Request& request, policy::Action action,
                                                std::string_view subject = {});
    // A person in full standing who is logged in, for what programs cannot do.
    std::expected<Caller, http::Response> admit_person(const http::Request& request, policy::Action action,
                                                       std::string_view subject = {});
    // A person who is logged in, for what is done to one's own account and sessions; in every standing, or in
    // full standing alone. A key is nobody here.
    std::expected<Caller, http::Response> own(const http::Request& request);
    std::expected<Caller, http::Response> own_in_full(const http::Request& request);
    // Like admit(), for lists and for what is judged by its subject later (refuse_about()): a person is let
    // in who may do this for any organisation that a role was granted for. Of several actions one is enough.
    std::expected<Caller, http::Response> admit_somewhere(const http::Request& request,
                                                          std::initializer_list<policy::Action> actions);
    std::expected<Caller, http::Response> admit_person_somewhere(
        const http::Request& request, std::initializer_list<policy::Action> actions);
    // A person in full standing, for what everybody may do about himself.
    std::expected<Caller, http::Response> admit_anybody(const http::Request& request, policy::Action action);
    // An answer when the caller may not do this about an organisation; sets the role of one who may.
    std::optional<http::Response> refuse_about(Caller& caller, policy::Action action,
                                               std::string_view subject);
    // What became of staff::Staff::act() or put(): an answer unless it was done, and then all doors know.
    std::optional<http::Response> undone(const Caller& caller, policy::Action action, const Status& done);
    // Somebody looked at people, rights or windows: an entry with what and how many.
    std::optional<http::Response> unseen(const Caller& caller, std::string_view action,
                                         std::map<std::string, std::string> detail, std::size_t shown);
    // What people changed is in the ledger and known to all doors. To be called after each change of the
    // office.
    Status changed();
    // Records that a rule said no, and says so.
    http::Response refuse(const Caller& caller, policy::Action action, std::string_view rule);
    // An answer when a person may not seal for this outlet; sets the role of one who may.
    std::optional<http::Response> refuse_seal(Caller& caller, std::string_view outlet);
    // The outlet an operation is for: the one asked for, or the key's own. A key bound to one works for no
    // other.
    std::expected<std::string, http::Response> outlet(const Caller& caller, policy::Action action,
                                                      std::optional<std::string_view> asked);
    // The value of a figure of the policy that is in force now.
    Result<std::size_t> figure(std::string_view id, policy::Unit unit) const;

    const Services& services;
    KeyCheck keys;
    SessionCheck sessions;
    Tally views;        // reading of bundles and proofs
    Tally turned_away;  // log-ins and codes that were refused before they were judged
};

// The rule that a session of this standing breaks by what needs a full one.
std::string_view rule_of(accounts::Standing standing);

// The JSON object of a request; 415 unless it is said to be JSON.
std::expected<JsonValue, http::Response> json_body(const http::Request& request);
// The content type without its parameters, in lower case.
std::string media_type(const http::Request& request);
metrics::Deed deed_of(policy::Action action);
// In place of an organisation that there is not: within no subtree, and no code that anything could have.
inline constexpr std::string_view kNowhere = "\x01";

// Routes of the business listener, by subject.
void add_waybill_routes(const std::shared_ptr<Desk>& desk, http::Router& router);
void add_reveal_route(const std::shared_ptr<Desk>& desk, http::Router& router);
void add_import_route(const std::shared_ptr<Desk>& desk, http::Router& router);
void add_work_routes(const std::shared_ptr<Desk>& desk, http::Router& router);
void add_ledger_routes(const std::shared_ptr<Desk>& desk, http::Router& router);
// Getting in: log-in and sessions; passwords, factors and codes; accounts for the security administrator.
void add_session_routes(const std::shared_ptr<Desk>& desk, http::Router& router);
void add_credential_routes(const std::shared_ptr<Desk>& desk, http::Router& router);
void add_account_routes(const std::shared_ptr<Desk>& desk, http::Router& router);
// Checkpoint and tiles; entry bundles too when asked for.
enum class Bundles : std::uint8_t { none, to_auditors };
void add_people_routes(const std::shared_ptr<Desk>& desk, http::Router& router);
void add_people_import_route(const std::shared_ptr<Desk>& desk, http::Router& router);
void add_rights_routes(const std::shared_ptr<Desk>& desk, http::Router& router);
void add_maintenance_routes(const std::shared_ptr<Desk>& desk, http::Router& router);
void add_explain_route(const std::shared_ptr<Desk>& desk, http::Router& router);
void add_leaver_routes(const std::shared_ptr<Desk>& desk, http::Router& router);
// Of the operations listener.
void add_maintenance_run_route(const std::shared_ptr<Desk>& desk, http::Router& router);
void add_tile_routes(const std::shared_ptr<Desk>& desk, http::Router& router, Bundles bundles);

}  // namespace huoqi::api
