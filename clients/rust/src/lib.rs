//! Client of the Fermata contract: generated calls and a watch that reconnects and resumes.
