#pragma once

#include "gatehouse/config/fields.h"

// What the tables cannot say by themselves: fields with a shape of their own, and what must fit together. Called by
// the tables (tables.cc); `into` is the structure of the table that names the function.
namespace gatehouse::config {

void check_listen(Reader& reader, const Node& node, void* into);
void check_listen_tls(Reader& reader, const Node& node, void* into);
void add_sandbox(Reader& reader, const Node& node, void* into);
void prepare_provider(Reader& reader, void* into);
void read_headers(Reader& reader, const Field& field, const Node& node, void* into);
void check_provider(Reader& reader, const Node& node, void* into);
void check_aws(Reader& reader, const Node& node, void* into);
void check_model(Reader& reader, const Node& node, void* into);
void read_metadata(Reader& reader, const Field& field, const Node& node, void* into);
void check_key(Reader& reader, const Node& node, void* into);
void check_tree_node(Reader& reader, const Node& node, void* into);
void check_budget(Reader& reader, const Node& node, void* into);
void check_policy(Reader& reader, const Node& node, void* into);
void check_entity(Reader& reader, const Node& node, void* into);
void check_callout(Reader& reader, const Node& node, void* into);
void read_entity_actions(Reader& reader, const Field& field, const Node& node, void* into);
void read_labels(Reader& reader, const Field& field, const Node& node, void* into);
void check_semantic_model(Reader& reader, const Node& node, void* into);
void check_semantic(Reader& reader, const Node& root);
void read_topic(Reader& reader, const Field& field, const Node& node, void* into);
void check_guards(Reader& reader, const Node& root);
void check_role(Reader& reader, const Node& node, void* into);
void read_store(Reader& reader, const Field& field, const Node& node, void* into);
void read_claims(Reader& reader, const Field& field, const Node& node, void* into);
void check_auth(Reader& reader, const Node& node, void* into);
void check_governance(Reader& reader, const Node& root);
void check_all(Reader& reader, const Node& node, void* into);

}  // namespace gatehouse::config
