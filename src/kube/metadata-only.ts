/** Asks for an object as `PartialObjectMetadata`: neither spec nor data leave the API server. */
export const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
