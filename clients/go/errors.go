package fermata

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"fermata.dev/clients/go/fermatav1"
)

// errorDomain is the domain of the reasons that [fermatav1.ErrorReason] lists.
const errorDomain = "fermata.dev"

// Error is the error of a call, with everything that the server attached to it. Calls of a [Connection] return it.
type Error struct {
	// Code is the status code.
	Code codes.Code
	// Message says what is wrong and what to do, for people.
	Message string
	// Reason is ERROR_REASON_UNSPECIFIED where there is none, or one that this version does not know.
	Reason fermatav1.ErrorReason
	// ReasonName is the reason as it was sent, for example "WRONG_STATE". Empty where there is none.
	ReasonName string
	// Metadata has the figures that go with the reason, as [fermatav1.ErrorReason] documents them.
	Metadata map[string]string
	// FieldViolations are the fields that were wrong.
	FieldViolations []FieldViolation
	// PreconditionViolations are the conditions that did not hold.
	PreconditionViolations []PreconditionViolation
	// RetryAfter is how long to wait before trying again. 0: the server said nothing.
	RetryAfter time.Duration

	status *status.Status
	// renewable: the credential has expired, and the next call may have another one.
	renewable bool
}

// FieldViolation is a field of a request that was wrong.
type FieldViolation struct {
	// Field is its path in the request, for example "spec.window.end_time".
	Field string
	// Description says what is wrong with it and what would be right.
	Description string
}

// PreconditionViolation is a condition that did not hold.
type PreconditionViolation struct {
	// Type is the kind of condition.
	Type string
	// Subject is what it is about, for example the name of a host.
	Subject string
	// Description says how it failed.
	Description string
}

// Error returns the code, the reason and the message.
func (e *Error) Error() string {
	if e.ReasonName == "" {
		return fmt.Sprintf("%s: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("%s (%s): %s", e.Code, e.ReasonName, e.Message)
}

// GRPCStatus makes the functions of google.golang.org/grpc/status work on the error.
func (e *Error) GRPCStatus() *status.Status { return e.status }

// ReasonOf returns the reason of err, or ERROR_REASON_UNSPECIFIED where it has none.
func ReasonOf(err error) fermatav1.ErrorReason {
	if e := asError(err); e != nil {
		return e.Reason
	}
	return fermatav1.ErrorReason_ERROR_REASON_UNSPECIFIED
}

// asError returns err as an [*Error]: the one that it wraps, or one made of its status. nil for nil.
func asError(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return newError(err)
}

func newError(err error) *Error {
	s := status.Convert(err)
	e := &Error{Code: s.Code(), Message: s.Message(), status: s}
	for _, detail := range s.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			if detail.GetDomain() == errorDomain {
				e.ReasonName = detail.GetReason()
				e.Reason = fermatav1.ErrorReason(fermatav1.ErrorReason_value["ERROR_REASON_"+e.ReasonName])
				e.Metadata = detail.GetMetadata()
			}
		case *errdetails.BadRequest:
			for _, v := range detail.GetFieldViolations() {
				e.FieldViolations = append(e.FieldViolations, FieldViolation{Field: v.GetField(), Description: v.GetDescription()})
			}
		case *errdetails.PreconditionFailure:
			for _, v := range detail.GetViolations() {
				e.PreconditionViolations = append(e.PreconditionViolations,
					PreconditionViolation{Type: v.GetType(), Subject: v.GetSubject(), Description: v.GetDescription()})
			}
		case *errdetails.RetryInfo:
			e.RetryAfter = detail.GetRetryDelay().AsDuration()
		}
	}
	return e
}

// errorf makes an error of the client's own.
func errorf(code codes.Code, format string, arguments ...any) *Error {
	return newError(status.Errorf(code, format, arguments...))
}

// name is the reason where there is one, else the code, in the spelling of the contract: "WRONG_STATE", "UNAVAILABLE".
func (e *Error) name() string {
	if e.ReasonName != "" {
		return e.ReasonName
	}
	return codeName(e.Code)
}

var codeNames = [...]string{"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
	"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL",
	"UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}

func codeName(code codes.Code) string {
	if int(code) < len(codeNames) {
		return codeNames[code]
	}
	return fmt.Sprintf("CODE_%d", code)
}

// ErrorName returns what err is called in the contract: its reason, for example "WRONG_STATE", else its code, for example
// "UNAVAILABLE". Empty for nil.
func ErrorName(err error) string {
	if err == nil {
		return ""
	}
	return asError(err).name()
}
